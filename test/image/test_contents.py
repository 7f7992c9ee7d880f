"""What is in the image, and what is not."""

import os
import re
import stat
from pathlib import Path

import pytest

# The binaries of the four exporters that this one stands in for: redis_exporter, postgres_exporter,
# pgbouncer_exporter and rabbitmq_exporter.
LIMIT = 46_000_000
BINARY = "usr/bin/headroom_exporter"


@pytest.fixture(scope="module")
def files(root):
    """Every file, folder and link of the image: its path in the root, and its lstat()."""
    paths = (Path(folder) / name for folder, *names in os.walk(root) for name in sum(names, []))
    return {str(path.relative_to(root)): path.lstat() for path in paths}


def is_file(status):
    return stat.S_ISREG(status.st_mode)


def libraries(files):
    return [path for path in files if re.search(r"\.so(\.\d+)+$", path)]


def test_nothing_but_the_expected_folders(root):
    found = {entry.name for entry in root.iterdir()}
    # The loader of x86-64 is in lib64, that of arm64 in lib.
    assert found - {"lib64"} == {"etc", "lib", "usr", "var"}
    assert {entry.name for entry in (root / "usr").iterdir()} <= {"bin", "lib", "lib64", "share"}


def test_only_the_exporter_and_the_loader_are_executable(files):
    executable = {p for p, s in files.items() if is_file(s) and s.st_mode & 0o111}
    loaders = {p for p in executable if Path(p).name.startswith("ld-linux")}
    assert len(loaders) == 1
    assert executable == {BINARY, *loaders}


def test_everything_is_roots_and_nothing_can_be_written_by_others(files):
    assert {(s.st_uid, s.st_gid) for s in files.values()} == {(0, 0)}
    special = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX | 0o022
    assert [p for p, s in files.items() if not stat.S_ISLNK(s.st_mode) and s.st_mode & special] == []


def test_the_unprivileged_user_may_read_everything(files):
    wanted = {True: 0o444, False: 0o555}
    assert [
        p
        for p, s in files.items()
        if not stat.S_ISLNK(s.st_mode) and s.st_mode & wanted[is_file(s)] != wanted[is_file(s)]
    ] == []


def test_no_link_leads_nowhere(root, files):
    for path, status in files.items():
        if stat.S_ISLNK(status.st_mode):
            link = root / path
            target = Path(os.readlink(link))
            base = root if target.is_absolute() else link.parent
            assert (base / str(target).lstrip("/")).exists(), f"{path} -> {target}"


def test_it_is_smaller_than_the_four_exporters_that_it_stands_in_for(files, record_property):
    size = sum(s.st_size for s in files.values() if is_file(s))
    record_property("bytes", size)
    print(f"image, uncompressed: {size} bytes")
    assert size < LIMIT


def test_each_library_has_its_packages_record_and_licence(root, files):
    """Scanners for known holes read var/lib/dpkg/status.d when there is no package manager."""
    records = list((root / "var/lib/dpkg/status.d").iterdir())
    names = {record.name for record in records}
    assert {"libc6", "libcurl4t64", "libpq5", "libssl3t64", "ca-certificates", "tzdata"} <= names
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"Package: {record.name}\n")
        assert re.search(r"^Version: \S+$", text, re.M) and "\nConffiles:" not in text
        assert (root / f"usr/share/doc/{record.name}/copyright").is_file()
    assert (root / "usr/share/doc/headroom/copyright").read_text().lstrip().startswith("Apache")
    assert "VERSION_CODENAME=trixie" in (root / "etc/os-release").read_text(encoding="utf-8")


def test_no_library_that_the_exporter_does_not_load(files):
    names = [Path(path).name for path in libraries(files)]
    assert len(names) == len(set(names)) > 20
    assert [p for p in files if "gconv" in p or "/locale" in p or p.endswith((".a", ".so"))] == []


def test_zones_and_authorities_are_there(root):
    for zone in ("UTC", "Europe/Berlin", "Asia/Seoul", "America/New_York"):
        assert (root / "usr/share/zoneinfo" / zone).read_bytes().startswith(b"TZif")
    authorities = (root / "etc/ssl/certs/ca-certificates.crt").read_text(encoding="ascii")
    assert authorities.count("-----BEGIN CERTIFICATE-----") > 50


def test_every_file_has_the_time_of_the_commit(files):
    assert {int(s.st_mtime) for s in files.values()} == {int(os.environ["SOURCE_DATE_EPOCH"])}
