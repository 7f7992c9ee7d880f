"""Checks of the dashboards: the 17 rules of dashboard-linter, and the project's own."""
