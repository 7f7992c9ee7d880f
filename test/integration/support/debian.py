"""Which Debian this is, and which servers Debian 12 and 13 have."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Release:
    postgresql: int
    pgbouncer: str
    rabbitmq: str


RELEASES = {"12": Release(15, "1.18", "3.10"), "13": Release(17, "1.24", "4.0")}
# Where a server comes from: this system, or the Debian 13 tree (scripts/debian13-tree).
PLACES = ["own", "tree"]
TREE = os.environ.get("HEADROOM_TRIXIE", "")


def own_release():
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_ID"].strip('"')


# The place that surely has Debian 13's servers.
NEWER = "own" if own_release() == "13" else "tree"


def root_of(place):
    """What a server's `root` is for a place; skips the test where there is no tree."""
    if place == "own":
        return None
    if not TREE:
        pytest.skip("HEADROOM_TRIXIE is not set: no Debian 13 tree to take newer servers from")
    if os.geteuid() != 0:
        pytest.skip("chroot into the Debian 13 tree needs root")
    return Path(TREE)


def release_of(root):
    return RELEASES["13" if root else own_release()]
