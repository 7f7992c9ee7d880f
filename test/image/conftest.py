"""The image's root and configuration as test/image/run hands them over, and the binary in that root."""

import contextlib
import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))

from runtime import Runtime  # noqa: E402  (its imports need the path above)
from support.certificates import Certificates  # noqa: E402
from support.postgres_server import PostgresServer  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402


@pytest.fixture(scope="session")
def root():
    """The file system of the image. Nobody writes there."""
    return Path(os.environ["HEADROOM_IMAGE_ROOT"])


@pytest.fixture(scope="session")
def image():
    """The image's own configuration, as the OCI specification has it."""
    document = json.loads(Path(os.environ["HEADROOM_IMAGE_CONFIG"]).read_text(encoding="utf-8"))
    return document["OCIv1"]["config"]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def keep():
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def redis(keep):
    server = RedisServer()
    keep.callback(server.remove)
    return server.start()


@pytest.fixture(scope="module")
def postgres(keep):
    server = PostgresServer()
    keep.callback(server.remove)
    return server.start()


@pytest.fixture
def runtime(root, image, tmp_path):
    """Runs the image as a container runtime would: runtime(config) or runtime.once(config, flag...)."""
    made = Runtime(root, image, tmp_path)
    try:
        yield made
    finally:
        made.remove()
