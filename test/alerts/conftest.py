"""Without promtool there is nothing to test with. Free ports are looked for as the integration tests do it."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))


@pytest.fixture(autouse=True)
def promtool():
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
