"""The dashboards, as Python: one file per dashboard, and what they share."""
