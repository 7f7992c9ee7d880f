"""A site of real servers under the shipped rules and routes."""

import contextlib
import os
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration"), str(HERE.parent / "alerts")]

from site_under_test import Site  # noqa: E402
from support.alertmanager import PROGRAM  # noqa: E402
from support.exporter import BINARY  # noqa: E402
from support.skips import pytest_sessionfinish  # noqa: E402, F401 (a hook of pytest)


def pytest_configure(config):
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError("HEADROOM_BINARY must name the exporter's binary; ctest sets it")


@pytest.fixture(scope="module")
def start_site(tmp_path_factory):
    """Starts a site: start_site(broker=False, root=...)."""
    if shutil.which("prometheus") is None or PROGRAM is None:
        pytest.skip("not installed (Debian packages: prometheus, prometheus-alertmanager)")
    with contextlib.ExitStack() as stack:
        yield lambda **keywords: Site(stack, tmp_path_factory.mktemp("site"), **keywords)
