"""What is wrong with values is said with the place."""

import json

import pytest
import yaml
from kube import CHART, helm_template, with_config

RULES = {"enabled": True}
# Values and what the error must say.
WRONG = {
    "nothing to watch": ({}, "config says what to watch, and is empty"),
    "nobody's image": (with_config(image={"repository": ""}), "image.repository says where your build of the image stands"),
    "scrapes that overlap": (
        with_config(serviceMonitor={"enabled": True, "interval": "5s", "scrapeTimeout": "10s"}),
        "scrapeTimeout 10s: longer than interval 5s",
    ),
    "scrapes that overlap, in two units": (
        with_config(serviceMonitor={"enabled": True, "interval": "1m", "scrapeTimeout": "90s"}),
        "scrapeTimeout 90s: longer than interval 1m",
    ),
    "scrapes that overlap, the larger unit second": (
        with_config(podMonitor={"enabled": True, "interval": "30s", "scrapeTimeout": "1m"}),
        "scrapeTimeout 1m: longer than interval 30s",
    ),
    "scrapes that overlap by a millisecond": (
        with_config(serviceMonitor={"enabled": True, "interval": "1h1m1s1ms", "scrapeTimeout": "3661s2ms"}),
        "scrapeTimeout 3661s2ms: longer than interval 1h1m1s1ms",
    ),
    "scrapes that overlap, written with a zero": (
        with_config(serviceMonitor={"enabled": True, "interval": "08s", "scrapeTimeout": "010s"}),
        "scrapeTimeout 010s: longer than interval 08s",
    ),
    "two configurations": (with_config(existingConfigMap="x"), "config and existingConfigMap: give one of the two"),
    "two monitors": (
        with_config(serviceMonitor={"enabled": True}, podMonitor={"enabled": True}),
        "serviceMonitor and podMonitor: both would scrape the same pods",
    ),
    "misspelt key": (with_config(replica=2), "additional properties 'replica' not allowed"),
    "misspelt key below": (with_config(image={"name": "x"}), "at '/image': additional properties 'name' not allowed"),
    "configuration as a table": ({"config": {"redis": []}}, "at '/config': got object, want string"),
    "replicas as text": (with_config(replicas="2"), "at '/replicas': got string, want integer"),
    "half of a replica": (with_config(replicas=1.5), "at '/replicas'"),
    "tag as a number": (with_config(image={"tag": 1.2}), "at '/image/tag': got number, want string"),
    "digest without sha256": (with_config(image={"digest": "0123"}), "at '/image/digest'"),
    "secret without a key": (
        with_config(secretFiles=[{"secret": "a", "file": "b"}]),
        "at '/secretFiles/0': missing property 'key'",
    ),
    "secret outside of its folder": (
        with_config(secretFiles=[{"secret": "a", "key": "b", "file": "../etc/passwd"}]),
        "at '/secretFiles/0/file'",
    ),
    "level that there is not": (with_config(log={"level": "trace"}), "at '/log/level'"),
    "flag without dashes": (with_config(extraArgs=["web.enable-gzip"]), "at '/extraArgs/0'"),
    "path in a flag": (
        with_config(extraArgs=["--web.enable-gzip", "--web.telemetry-path=/queues"]),
        "extraArgs: --web.telemetry-path has a value of its own; set telemetryPath instead",
    ),
    "level in a flag": (with_config(extraArgs=["--log.level=debug"]), "extraArgs: --log.level has a value of its own"),
    "path without a slash": (with_config(telemetryPath="metrics"), "at '/telemetryPath'"),
    "path of the page for people": (with_config(telemetryPath="/"), "at '/telemetryPath'"),
    "path that is headroom's": (with_config(telemetryPath="/-/metrics"), "at '/telemetryPath'"),
    "path with a question": (with_config(telemetryPath="/metrics?collect[]=a"), "at '/telemetryPath'"),
    "interval without a unit": (with_config(serviceMonitor={"interval": "15"}), "at '/serviceMonitor/interval'"),
    "interval with the smaller unit first": (
        with_config(serviceMonitor={"interval": "1s1m"}),
        "at '/serviceMonitor/interval'",
    ),
    "time-out with a unit twice": (with_config(podMonitor={"scrapeTimeout": "1m1m"}), "at '/podMonitor/scrapeTimeout'"),
    "label that is a boolean": (with_config(podLabels={"a": True}), "at '/podLabels/a': got boolean, want string"),
    "limit that there is not": (
        with_config(prometheusRule={**RULES, "limits": {"queue:x:limit": [{"value": 1}]}}),
        "prometheusRule.limits: no limit is called queue:x:limit; there are: queue:headroom_queue_oldest",
    ),
    "limit without a value": (
        with_config(prometheusRule={**RULES, "limits": {"a": [{"match": "b"}]}}),
        "at '/prometheusRule/limits/a/0': missing property 'value'",
    ),
    "alert that there is not": (
        with_config(prometheusRule={**RULES, "disabledAlerts": ["HeadroomNone"]}),
        "prometheusRule.disabledAlerts: no alert is called HeadroomNone",
    ),
    "workers of nobody": (
        with_config(prometheusRule={**RULES, "actualWorkers": {"a": {"namespace": "b"}}}),
        "at '/prometheusRule/actualWorkers/a'",
    ),
    "workers of a Deployment in any namespace": (
        with_config(prometheusRule={**RULES, "actualWorkers": {"a": {"deployment": "b"}}}),
        "at '/prometheusRule/actualWorkers/a': properties 'namespace' required, if 'deployment' exists",
    ),
    "workers of a group and of a Deployment": (
        with_config(prometheusRule={**RULES, "actualWorkers": {"a": {"group": "b", "deployment": "c", "namespace": "d"}}}),
        "at '/prometheusRule/actualWorkers/a': 'oneOf' failed",
    ),
    "matchers with braces": (
        with_config(prometheusRule={**RULES, "limits": {"a": [{"match": '{queue="a"}', "value": 1}]}}),
        "at '/prometheusRule/limits/a/0/match'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_values_are_refused_with_the_place(case):
    values, message = WRONG[case]
    ran = helm_template(values)
    assert ran.returncode != 0
    assert message in ran.stderr


@pytest.mark.parametrize(
    ("interval", "timeout"),
    [("1m", "60s"), ("60s", "1m"), ("1s", "999ms"), ("1m30s", "1m30s"), ("1h1m1s1ms", "3661001ms"), ("010s", "9s"), ("1s", "")],
)
def test_a_scrape_that_ends_with_the_interval_is_accepted(interval, timeout):
    values = with_config(serviceMonitor={"enabled": True, "interval": interval, "scrapeTimeout": timeout})
    assert helm_template(values).returncode == 0


def closed(schema, definitions):
    """The schema, with a reference followed."""
    return definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def keys(schema, definitions, path=""):
    """Paths of all keys that the schema names, lists and free objects left out."""
    for name, inner in closed(schema, definitions).get("properties", {}).items():
        yield f"{path}/{name}"
        yield from keys(inner, definitions, f"{path}/{name}")


def given(values, known, path=""):
    """Likewise for values, as deep as the schema goes."""
    for name, inner in values.items():
        yield f"{path}/{name}"
        if isinstance(inner, dict) and any(k.startswith(f"{path}/{name}/") for k in known):
            yield from given(inner, known, f"{path}/{name}")


def test_values_and_schema_name_the_same_keys():
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    named = set(keys(schema, schema["definitions"]))
    # "global" comes from a parent chart.
    assert set(given(values, named)) == named - {"/global"}
