"""The real program, started as the manifests say: arguments, configuration, secrets, probes."""

import os

import pytest
from kube import DEPLOY, VALUE_SETS, documents, kustomize, one, render, with_config
from mounts import arguments, container, write_config, write_volume
from support.exporter import BINARY, Exporter, run_once
from support.pgbouncer_server import CONSOLE, PgBouncerServer
from support.redis_server import RedisServer

PASSWORD = "s3cret"
CONFIGURED = [path for path in VALUE_SETS if "config: |" in path.read_text()]


@pytest.fixture(scope="module", autouse=True)
def binary():
    assert os.access(BINARY, os.X_OK), "HEADROOM_BINARY must name the exporter's binary; ctest sets it"


@pytest.fixture(scope="module")
def redis():
    server = RedisServer("--requirepass", PASSWORD, password=PASSWORD)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def started():
    """Starts the exporter as a container would: started(manifests, kind, folder)."""
    processes = []

    def start(manifests, kind, folder, **env):
        processes.append(Exporter(folder, None, *arguments(manifests, kind, folder), env=env))
        return processes[-1].start()

    yield start
    for exporter in processes:
        exporter.remove()


@pytest.fixture
def watching(redis, tmp_path):
    """Manifests for a Redis with a password, laid out in tmp_path."""
    config = f"""
        [[redis]]
        name = "main"
        url = "redis://127.0.0.1:{redis.port}"
        password_file = "/run/secrets/headroom/redis"
        lists = ["queue:decisions"]
        timeout = "30s"
        """
    manifests = render(with_config(config=config, secretFiles=[{"secret": "a", "key": "b", "file": "redis"}], enableLifecycle=True))
    write_config(manifests, tmp_path)
    write_volume(tmp_path / "secrets", {"redis": PASSWORD})
    return manifests


@pytest.mark.parametrize("values", CONFIGURED, ids=lambda path: path.stem)
def test_the_rendered_configuration_passes_the_check(values, tmp_path):
    manifests = render(values)
    write_config(manifests, tmp_path)
    # What comes from a Secret has some value.
    env = {e["name"]: e.get("value", "given") for e in container(manifests, "Deployment").get("env", [])}
    ran = run_once(f"--config.file={tmp_path}/config/headroom.toml", "--config.check", env=env)
    assert ran.returncode == 0, ran.stderr


def test_the_probes_and_the_page_answer_where_the_manifests_say(watching, started, redis, tmp_path):
    redis("RPUSH", "queue:decisions", "a", "b")
    exporter = started(watching, "Deployment", tmp_path)
    for probe in ("livenessProbe", "readinessProbe"):
        assert exporter.get(container(watching, "Deployment")[probe]["httpGet"]["path"]).status == 200
    page = exporter.until(lambda p: 'headroom_target_up{target="main",system="redis"} 1' in p.text, "Redis answers")
    assert 'queue="queue:decisions",db="0",state="ready"} 2' in page.text
    redis("DEL", "queue:decisions")


def test_the_page_is_where_the_values_put_it(started, tmp_path):
    manifests = render(with_config(telemetryPath="/queues", serviceMonitor={"enabled": True}))
    write_config(manifests, tmp_path)
    exporter = started(manifests, "Deployment", tmp_path)
    scraped = exporter.get(one(manifests, "ServiceMonitor")["spec"]["endpoints"][0]["path"])
    assert scraped.status == 200 and "headroom_target_up{" in scraped.body
    assert exporter.get("/metrics").status == 404


def test_a_configmap_that_changed_is_read_by_a_reload(watching, started, tmp_path):
    exporter = started(watching, "Deployment", tmp_path)
    write_config(watching, tmp_path, lambda text: text.replace('"main"', '"renamed"'))
    assert exporter.get("/-/reload", method="POST").status == 200
    exporter.until(lambda p: 'headroom_target_up{target="renamed"' in p.text, "the new configuration")


def test_helm_test_succeeds_when_every_target_answers(watching, tmp_path):
    ran = run_once(*arguments(watching, "Pod", tmp_path))
    assert ran.returncode == 0, ran.stderr


def test_helm_test_fails_and_names_the_target_that_does_not_answer(watching, tmp_path):
    write_volume(tmp_path / "secrets", {"redis": "wrong"})
    ran = run_once(*arguments(watching, "Pod", tmp_path))
    assert ran.returncode == 1
    assert "main: auth" in ran.stderr and "wrong" not in ran.stderr


def test_the_sidecar_sees_the_pgbouncer_beside_it(started, tmp_path):
    manifests = documents(kustomize(DEPLOY / "sidecar"))
    server = PgBouncerServer({"app": "host=127.0.0.1 port=1"})
    try:
        server.start()
        write_config(manifests, tmp_path, lambda text: text.replace("port=6432", f"port={server.port}"))
        write_volume(tmp_path / "secrets", {"password": CONSOLE["stats"]})
        exporter = started(manifests, "StatefulSet", tmp_path, POD_NAME="pgbouncer-0")
        assert exporter.get(container(manifests, "StatefulSet")["livenessProbe"]["httpGet"]["path"]).status == 200
        exporter.until(lambda p: 'headroom_target_up{target="pgbouncer-0",system="pgbouncer"} 1' in p.text, "PgBouncer answers")
    finally:
        server.remove()
