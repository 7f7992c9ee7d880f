"""The way of a number to an autoscaler, with the real parts and the integration tests' servers."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from support import adapter  # noqa: E402
from support.exporter import BINARY  # noqa: E402
from support.skips import pytest_sessionfinish  # noqa: E402, F401 (a hook of pytest)


def pytest_configure(config):
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError("HEADROOM_BINARY must name the exporter's binary; ctest sets it")


@pytest.fixture(scope="module")
def program():
    """prometheus-adapter."""
    found = adapter.binary()
    if found is None:
        pytest.skip("prometheus-adapter is not built: scripts/install-tools prometheus-adapter")
    return found


@pytest.fixture(scope="module")
def stack():
    """What a file starts, ended last first."""
    with contextlib.ExitStack() as parts:
        yield parts


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("chain")
