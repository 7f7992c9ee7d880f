"""What stands in deploy/ says what it should, and the same thing everywhere. No server."""

import re
import tomllib

import pytest
from manifests import ADAPTER, DEPLOY, HPAS, SCALED_OBJECTS, asked, hpa, read, scaled_object

DOCS = DEPLOY.parent / "docs"
VALUES = ("values", "values-queue-depth")
GUARD = ">= 0 < +Inf"
NOT_DOWN = "unless on (job, instance) up == 0"
SPECS = [(name, hpa(name)) for name in HPAS]
OBJECTS = [(name, scaled_object(name)) for name in SCALED_OBJECTS]


def rules(name):
    found = read(ADAPTER / f"{name}.yaml")["rules"]
    return found["external"] + found.get("custom", [])


def queries():
    """Everything that an autoscaler has Prometheus compute, with where it stands."""
    for name in VALUES:
        yield from ((name, rule["metricsQuery"]) for rule in rules(name))
    for name, spec in OBJECTS:
        found = (t["metadata"].get("query") for t in spec["triggers"])
        yield from ((name, query) for query in found if query)


def behaviours():
    yield from ((name, spec["behavior"], spec["maxReplicas"]) for name, spec in SPECS)
    for name, spec in OBJECTS:
        config = spec["advanced"]["horizontalPodAutoscalerConfig"]
        yield name, config["behavior"], spec["maxReplicaCount"]


@pytest.mark.parametrize("where,query", queries())
def test_every_query_drops_what_is_not_a_number_and_what_an_exporter_left(where, query):
    assert query.endswith(GUARD)
    assert query.count("{") == query.count(NOT_DOWN) >= 1


@pytest.mark.parametrize("where,query", [q for q in queries() if "<<" in q[1]])
def test_literal_matchers_come_first(where, query):
    for matchers in re.findall(r"{([^}]*)}", query):
        assert matchers.endswith(",<<.LabelMatchers>>")


@pytest.mark.parametrize("name", VALUES)
def test_external_metrics_are_not_looked_for_in_the_namespace_of_the_hpa(name):
    for rule in read(ADAPTER / f"{name}.yaml")["rules"]["external"]:
        assert rule["resources"] == {"namespaced": False}


def test_both_values_files_have_the_same_rules_for_workloads():
    short, long = (read(ADAPTER / f"{name}.yaml") for name in VALUES)
    count = len(short["rules"]["external"])
    assert long["rules"]["external"][:count] == short["rules"]["external"]
    for key in ("prometheus", "metricsRelistInterval", "extraArguments"):
        assert short[key] == long[key]


def test_every_metric_is_one_that_the_exporter_has():
    known = set(re.findall(r"^\| `(headroom_\w+)`", (DOCS / "metrics.md").read_text(), re.M))
    named = set()
    for path in DEPLOY.glob("*/*.yaml"):
        named |= set(re.findall(r"\bheadroom_(?:queue|workload|pool|target)_\w+", path.read_text()))
    made = {rule["name"]["as"] for name in VALUES for rule in rules(name) if "name" in rule}
    assert named and named - made <= known


@pytest.mark.parametrize("name,spec", SPECS)
def test_no_hpa_scales_to_zero_or_multiplies_its_own_pods(name, spec):
    assert 1 <= spec["minReplicas"] < spec["maxReplicas"]
    for metric in spec["metrics"]:
        _, _, target = asked(metric)
        assert target["type"] == "AverageValue"


@pytest.mark.parametrize("name,spec", OBJECTS)
def test_no_scaled_object_takes_an_error_for_a_number(name, spec):
    assert spec["minReplicaCount"] >= 1
    assert "fallback" not in spec and "idleReplicaCount" not in spec
    for trigger in spec["triggers"]:
        if trigger["type"] == "prometheus":
            assert trigger["metadata"]["ignoreNullValues"] == "false"
        else:
            assert "aggregateFromKubeServiceEndpoints" not in trigger["metadata"]


def thresholds(spec):
    metadata = [trigger["metadata"] for trigger in spec["triggers"]]
    return [m.get("threshold", m.get("targetValue")) for m in metadata]


@pytest.mark.parametrize("name,of", SCALED_OBJECTS.items())
def test_a_scaled_object_means_what_its_hpa_means(name, of):
    ours, other = scaled_object(name), hpa(of)
    assert ours["scaleTargetRef"]["name"] == other["scaleTargetRef"]["name"]
    assert ours["minReplicaCount"] == other["minReplicas"]
    assert ours["maxReplicaCount"] == other["maxReplicas"]
    assert {t["metricType"] for t in ours["triggers"]} == {"AverageValue"}
    assert thresholds(ours) == [asked(m)[2]["averageValue"] for m in other["metrics"]]
    assert ours["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == other["behavior"]


def test_the_hpa_has_the_bounds_of_the_workload_in_the_example():
    example = tomllib.loads((DOCS / "headroom.example.toml").read_text())
    spec = hpa("recommended")
    [workload] = [w for w in example["workload"] if w["name"] == "decisions"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (workload["min"], workload["max"])
    assert {asked(m)[1]["workload"] for m in spec["metrics"]} == {workload["name"]}


@pytest.mark.parametrize("name,behavior,most", behaviours())
def test_up_is_one_step_at_once_and_down_is_slow(name, behavior, most):
    assert behavior == {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [{"type": "Pods", "value": most, "periodSeconds": 15}],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "selectPolicy": "Max",
            "policies": [{"type": "Percent", "value": 20, "periodSeconds": 60}],
        },
    }


# The behaviour over time: the documentation's table is what comes of two scenarios (ShippedScenarios, in C++).


def scenario(name):
    return tomllib.loads((DOCS / "scenarios" / f"200x1m-{name}.toml").read_text(encoding="utf-8"))


def of_scenario(part):
    """A piece of an HPA's behaviour, as a scenario has it."""
    policies = [{"type": p["type"], "value": p["value"], "period": f"{p['periodSeconds']}s"} for p in part["policies"]]
    return {
        "stabilization_window": f"{part['stabilizationWindowSeconds']}s",
        "select_policy": part["selectPolicy"],
        "policies": policies,
    }


def test_the_rehearsed_policy_is_that_of_the_example():
    example, rehearsed = hpa("recommended"), scenario("recommended")
    assert rehearsed["workers"]["hpa"]["scale_up"] == of_scenario(example["behavior"]["scaleUp"])
    assert rehearsed["workers"]["hpa"]["scale_down"] == of_scenario(example["behavior"]["scaleDown"])
    bounds = rehearsed["workload"]["min"], rehearsed["workload"]["max"]
    assert bounds == (example["minReplicas"], example["maxReplicas"])


def test_what_it_is_compared_with_differs_in_the_policy_only():
    ours, default = scenario("recommended"), scenario("defaults")
    for part in ("scale_up", "scale_down"):
        del ours["workers"]["hpa"][part]
    assert ours.pop("workload") | {"name": ""} == default.pop("workload") | {"name": ""}
    assert ours == default
