"""The Alertmanager example: who gets what (amtool), and what mutes what (a real Alertmanager)."""

import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

import rulebook
from support.waiting import free_port

CONFIG = rulebook.ROOT / "alerts/alertmanager.example.yml"
AMTOOL = shutil.which("amtool")
ALERTS = rulebook.alerts()

pytestmark = pytest.mark.skipif(
    AMTOOL is None, reason="amtool is not installed (Debian package: prometheus-alertmanager)"
)


def amtool(*arguments):
    return subprocess.run([AMTOOL, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_the_example_is_valid():
    done = amtool("check-config", str(CONFIG))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_alert_goes_to_its_receiver(name):
    severity = ALERTS[name]["labels"]["severity"]
    receiver = {"critical": "pager", "warning": "tickets", "none": "dead-mans-switch"}[severity]
    done = amtool(
        "config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}",
        f"alertname={name}", f"severity={severity}",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_not_headrooms_is_not_paged():
    done = amtool("config", "routes", "test", f"--config.file={CONFIG}", "alertname=Other")
    assert done.stdout.strip() == "tickets"


class Alertmanager:
    """A throwaway Alertmanager with the inhibitions of the example; it notifies nobody."""

    def __init__(self, folder):
        config = rulebook.yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
        config["receivers"] = [{"name": r["name"]} for r in config["receivers"]]
        path = Path(folder, "config.json")
        path.write_text(json.dumps(config), encoding="utf-8")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        self.process = subprocess.Popen(
            [program, f"--config.file={path}", f"--storage.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error"],
        )  # fmt: skip
        self.wait(lambda: self.get("/-/ready") is not None)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as reply:
                return reply.read()
        except OSError:
            return None

    def wait(self, condition, limit=60):
        end = time.monotonic() + limit
        while not condition():
            assert self.process.poll() is None, "Alertmanager has ended"
            assert time.monotonic() < end, "Alertmanager did not get there"
            time.sleep(0.05)

    def muted(self, alerts, expected):
        """Posts alerts (labels); the marks of the muted ones, as soon as those expected are among them."""
        body = json.dumps([{"labels": labels} for labels in alerts]).encode()
        request = urllib.request.Request(
            self.url + "/api/v2/alerts", body, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10).close()
        muted = set()

        def settled():
            found = json.loads(self.get("/api/v2/alerts") or b"[]")
            muted.clear()
            muted.update(a["labels"]["mark"] for a in found if a["status"]["inhibitedBy"])
            return len(found) == len(alerts) and muted >= expected

        self.wait(settled)
        return muted

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def alert(mark, name, **labels):
    return {"mark": mark, "alertname": name, **ALERTS[name]["labels"], **labels}


HERE = {"cluster": "c", "namespace": "ops", "job": "headroom"}
BROKER = {**HERE, "target": "broker", "system": "rabbitmq"}
QUEUE = {**BROKER, "vhost": "/", "db": "0", "queue": "q", "consumer_group": "g"}
POOL = {**HERE, "target": "db", "system": "postgresql", "scope": "server", "pool": "server"}
# What mutes, what it mutes, the labels in which they must agree, and what else it leaves alone.
INHIBITIONS = {
    "a dead exporter mutes what it said": (
        alert("source", "HeadroomExporterDown", **HERE),
        alert("muted", "HeadroomQueueNotRunning", **QUEUE),
        ["cluster", "namespace", "job"],
        [alert("of itself", "HeadroomReloadFailed", **HERE, instance="a")],
    ),
    "a job that is gone mutes what it said": (
        alert("source", "HeadroomExporterAbsent", job="headroom"),
        alert("muted", "HeadroomTargetDown", namespace="ops", job="headroom", target="broker"),
        ["cluster", "job"],
        [alert("of itself", "HeadroomReloadFailed", job="headroom", instance="a")],
    ),
    "a server that is down mutes what is known of it": (
        alert("source", "HeadroomTargetDown", **BROKER),
        alert("muted", "HeadroomQueueNoConsumers", **QUEUE),
        ["cluster", "namespace", "job", "target"],
        [alert("no server", "HeadroomSignalMissing", workload="w")],
    ),
    "targets that nobody watches mute the ticket about their exporter": (
        alert("source", "HeadroomTargetsUnwatched", **HERE, instance="a"),
        alert("muted", "HeadroomExporterInstanceDown", **HERE, instance="a"),
        ["cluster", "namespace", "job", "instance"],
        [
            alert("what it said", "HeadroomReloadFailed", **HERE, instance="a"),
            alert("another's target", "HeadroomTargetDown", **BROKER),
        ],
    ),
    "another alert about a server mutes no page": (
        alert("source", "HeadroomTargetSlow", **BROKER),
        None,
        [],
        [alert("a page", "HeadroomQueueNoConsumers", **BROKER)],
    ),
    "a page mutes the tickets about its queue": (
        alert("source", "HeadroomQueueNoConsumers", **QUEUE),
        alert("muted", "HeadroomQueueGrowing", **QUEUE),
        ["cluster", "namespace", "job", "target", "vhost", "db", "queue", "consumer_group"],
        [
            alert("a page too", "HeadroomQueueNotRunning", **QUEUE),
            alert("its server", "HeadroomTargetSlow", **BROKER),
        ],
    ),
    "a ticket mutes no ticket": (
        alert("source", "HeadroomQueueStuck", **QUEUE),
        None,
        [],
        [
            alert("its queue", "HeadroomQueueGrowing", **QUEUE),
            alert("a pool's", "HeadroomPoolSaturated", **POOL),
            alert("that pool's too", "HeadroomPoolNearlyFull", **POOL),
            alert("a workload's", "HeadroomWorkloadLimited", workload="w", by="pool"),
            alert("that workload's too", "HeadroomTooFewWorkers", workload="w"),
        ],
    ),
    "a page mutes the tickets about its pool": (
        alert("source", "HeadroomPoolFull", **POOL),
        alert("muted", "HeadroomPoolNearlyFull", **POOL),
        ["cluster", "namespace", "job", "target", "scope", "pool"],
        [
            alert("a page too", "HeadroomPoolClientsWaitTooLong", **POOL),
            # Neither has a queue or a workload, and that makes them no less strangers.
            alert("its server", "HeadroomTargetSlow", **HERE, target="db", system="postgresql"),
            alert("another", "HeadroomTargetSlow", **BROKER),
        ],
    ),
    "a page mutes the tickets about its workload": (
        alert("source", "HeadroomWorkloadLate", cluster="c", workload="w"),
        alert("muted", "HeadroomWorkloadLimited", cluster="c", workload="w", by="pool"),
        ["cluster", "workload"],
        [
            alert("a page too", "HeadroomFloorNotMet", cluster="c", workload="w"),
            alert("about tomorrow", "HeadroomNextFloorAboveCap", cluster="c", workload="w"),
            alert("no workload", "HeadroomWorkersStale"),
        ],
    ),
    "what is not headroom's mutes nothing": (
        {
            **alert("source", "HeadroomQueueNoConsumers", **QUEUE, scope="server", pool="p", workload="w"),
            "alertname": "Other",
        },
        None,
        [],
        [
            alert("queue", "HeadroomQueueGrowing", **QUEUE),
            alert("pool", "HeadroomPoolNearlyFull", **{**POOL, "target": "broker", "pool": "p"}),
            alert("workload", "HeadroomWorkloadLimited", workload="w", by="pool"),
        ],
    ),
}


def strangers(muted, labels):
    """Alerts that differ from the muted one in one thing that matters, and so are not muted."""
    for label in labels:
        yield {**muted, label: "another", "mark": f"another {label}"}
    yield {**muted, "alertname": "Other", "mark": "not headroom's"}


@pytest.mark.parametrize("name", INHIBITIONS)
def test_inhibition(name, tmp_path):
    source, muted, labels, others = INHIBITIONS[name]
    alerts = [source, *others]
    if muted is not None:
        alerts += [muted, *strangers(muted, labels)]
    server = Alertmanager(tmp_path)
    try:
        expected = {"muted"} if muted else set()
        assert server.muted(alerts, expected) == expected
    finally:
        server.stop()


def test_workloads_without_a_signal_are_one_notification_and_other_pages_one_each(tmp_path):
    names = ["HeadroomSignalMissing", "HeadroomWorkloadLate"]
    alerts = [alert(f"{name} {w}", name, cluster="c", workload=w) for name in names for w in "abc"]
    server = Alertmanager(tmp_path)
    found = []

    def grouped():
        """Every alert that it has; they are put into groups a moment later."""
        found[:] = json.loads(server.get("/api/v2/alerts/groups") or b"[]")
        return sum(len(group["alerts"]) for group in found) == len(alerts)

    try:
        server.muted(alerts, set())
        server.wait(grouped)
    finally:
        server.stop()
    groups = sorted(sorted(a["labels"]["mark"] for a in g["alerts"]) for g in found)
    together = [f"HeadroomSignalMissing {w}" for w in "abc"]
    assert groups == [together, *([f"HeadroomWorkloadLate {w}"] for w in "abc")]
    assert {g["receiver"]["name"] for g in found} == {"pager"}
