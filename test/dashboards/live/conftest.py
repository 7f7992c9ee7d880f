"""The live test's imports, and the world that its tests share."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "integration"), str(HERE.parents[2] / "dashboards")]

from support.debian import TREE  # noqa: E402
from support.skips import pytest_sessionfinish  # noqa: E402,F401
from world import World  # noqa: E402


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    tree = [Path(TREE)] if TREE and os.geteuid() == 0 else []
    with contextlib.ExitStack() as stack:
        yield World(stack, tmp_path_factory.mktemp("live"), [None, *tree])
