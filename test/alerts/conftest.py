"""Without promtool there is nothing to test with."""

import shutil

import pytest


@pytest.fixture(autouse=True)
def promtool():
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
