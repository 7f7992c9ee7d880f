"""The image's own configuration: what a runtime and a scheduler read."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_it_runs_as_a_numeric_user_that_is_not_root(image, root):
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image["User"])
    user, group = image["User"].split(":")
    rows = (root / "etc/passwd").read_text(encoding="ascii").splitlines()
    assert [row.split(":")[2:4] for row in rows] == [[user, group]]


def test_it_starts_the_exporter_with_the_usual_configuration_file(image):
    assert image["Entrypoint"] == ["/usr/bin/headroom_exporter"]
    assert image["Cmd"] == ["--config.file=/etc/headroom/headroom.toml"]


def test_it_says_its_port_and_how_to_stop_it(image):
    assert image["ExposedPorts"] == {"9935/tcp": {}}
    assert image["StopSignal"] in ("SIGTERM", "15")


def test_its_labels_are_those_of_oci_and_say_which_version_it_is(image, runtime):
    labels = image["Labels"]
    prefix = "org.opencontainers.image."
    names = ("title", "description", "licenses", "version", "revision")
    assert {prefix + name for name in names} <= set(labels)
    assert re.fullmatch(r"[0-9a-f]{40}", labels[prefix + "revision"])
    said = runtime.once(None, "--version", with_cmd=False)
    assert said.returncode == 0 and labels[prefix + "version"] in said.stdout.split()
    cmake = (PROJECT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"VERSION {labels[prefix + 'version']} " in cmake


def test_no_variables_of_the_build_are_left_in_it(image):
    names = {entry.split("=")[0] for entry in image.get("Env") or []}
    assert names <= {"PATH"}
