"""Throwaway servers, the exporter as a process, and what a skip means come from the integration tests."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from support.skips import pytest_sessionfinish  # noqa: E402, F401 (a hook of pytest)
