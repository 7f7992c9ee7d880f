"""Every manifest under deploy/ fits the schema of its kind, and a broken one does not.

Charts and Kustomize folders are rendered; what is not a manifest (values of a chart, say) has neither
apiVersion nor kind.
"""

import copy
import json

import pytest
import yaml
from kube import CHART, DEPLOY, ROOT, SCHEMAS, complaints, documents, helm_template, kinds, kustomize, one, render

KUSTOMIZATIONS = sorted(path.parent for path in DEPLOY.rglob("kustomization.yaml"))


def is_manifest(document):
    return isinstance(document, dict) and ("apiVersion" in document or "kind" in document)


def files():
    """All files that stand for themselves: not the chart's, and not parts of a kustomization."""
    for path in sorted([*DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.yml")]):
        within = [CHART, *KUSTOMIZATIONS]
        if not any(folder in path.parents for folder in within) and any(map(is_manifest, documents(path.read_text()))):
            yield path


MANIFESTS = [*files(), ROOT / "alerts" / "prometheusrule.yaml"]


def relative(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MANIFESTS, ids=relative)
def test_a_manifest_fits_its_schema(path):
    assert complaints(path.read_text()) == []


@pytest.mark.parametrize("folder", KUSTOMIZATIONS, ids=relative)
def test_a_kustomization_fits_its_schemas(folder):
    assert complaints(kustomize(folder)) == []


def test_the_sidecar_is_added_to_the_pooler():
    manifests = documents(kustomize(DEPLOY / "sidecar"))
    pod = one(manifests, "StatefulSet")["spec"]["template"]["spec"]
    assert {c["name"] for c in pod["containers"]} == {"headroom", "pgbouncer"}
    names = {m["metadata"]["name"] for m in manifests if m["kind"] == "ConfigMap"}
    assert {v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v} == names
    (endpoint,) = one(manifests, "PodMonitor")["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] in [port["name"] for c in pod["containers"] if c["name"] == "headroom" for port in c["ports"]]


def test_the_sidecars_port_is_open_to_prometheus_only_and_every_other_to_all():
    manifests = documents(kustomize(DEPLOY / "sidecar"))
    policy = one(manifests, "NetworkPolicy")["spec"]
    pod = one(manifests, "StatefulSet")["spec"]["template"]
    assert policy["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert policy["policyTypes"] == ["Ingress"]
    ports = {p["name"]: p["containerPort"] for c in pod["spec"]["containers"] for p in c.get("ports", [])}

    def reached(number, rules):
        """Whether some of `rules` lets TCP in there."""
        pieces = [piece for rule in rules for piece in rule["ports"] if piece["protocol"] == "TCP"]
        firsts = [(ports.get(piece["port"], piece["port"]), piece) for piece in pieces]
        return any(first <= number <= piece.get("endPort", first) for first, piece in firsts)

    closed = [n for n in range(1, 65536) if not reached(n, [r for r in policy["ingress"] if "from" not in r])]
    assert closed == [ports["headroom"]]
    (ours,) = [r for r in policy["ingress"] if "from" in r]
    assert reached(ports["headroom"], [ours]) and ours["from"]


def test_kubectl_users_get_the_same_folder():
    told = yaml.safe_load((DEPLOY / "sidecar" / "kustomization.yaml").read_text())
    listed = [*told["resources"], *(p["path"] for p in told["patches"])]
    listed += [name for g in told["configMapGenerator"] for name in g["files"]]
    assert sorted(listed) == sorted(p.name for p in (DEPLOY / "sidecar").iterdir() if p.name != "kustomization.yaml")


# What breaks a manifest: kind, and a change of it.
BROKEN = {
    "misspelt key": ("Deployment", lambda m: m["spec"].update(replica=1)),
    "misspelt key deep inside": (
        "Deployment",
        lambda m: m["spec"]["template"]["spec"]["containers"][0]["livenessProbe"].update(periodSecond=1),
    ),
    "missing selector": ("Deployment", lambda m: m["spec"].pop("selector")),
    "container without a name": ("Deployment", lambda m: m["spec"]["template"]["spec"]["containers"][0].pop("name")),
    "number of a variable": (
        "Deployment",
        lambda m: m["spec"]["template"]["spec"]["containers"][0].update(env=[{"name": "A", "value": 1}]),
    ),
    "version that there is not": ("Deployment", lambda m: m.update(apiVersion="apps/v1beta1")),
    "port as text": ("Service", lambda m: m["spec"]["ports"][0].update(port="http")),
    "boolean in a ConfigMap": ("ConfigMap", lambda m: m["data"].update(a=True)),
    "no apiVersion": ("ConfigMap", lambda m: m.pop("apiVersion")),
    "kind nobody knows": ("Service", lambda m: m.update(kind="Servise")),
    "peer with a misspelt selector": ("NetworkPolicy", lambda m: m["spec"]["ingress"][0].update({"from": [{"podselector": {}}]})),
    "interval as a number": ("ServiceMonitor", lambda m: m["spec"]["endpoints"][0].update(interval=15)),
    "interval without a unit": ("ServiceMonitor", lambda m: m["spec"]["endpoints"][0].update(interval="15")),
    "relabeling with a misspelt key": (
        "ServiceMonitor",
        lambda m: m["spec"]["endpoints"][0]["relabelings"][0].update(target_label="job"),
    ),
    "rule without an expression": ("PrometheusRule", lambda m: m["spec"]["groups"][0]["rules"][0].pop("expr")),
    "rule with a misspelt key": ("PrometheusRule", lambda m: m["spec"]["groups"][0]["rules"][0].update(fro="1m")),
}


@pytest.fixture(scope="module")
def everything():
    return render(CHART / "ci" / "all-values.yaml")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_manifest_is_found(everything, name):
    kind, change = BROKEN[name]
    manifest = copy.deepcopy(next(m for m in everything if m["kind"] == kind))
    assert complaints(json.dumps(manifest)) == []
    change(manifest)
    assert complaints(json.dumps(manifest)) != []


SCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "a"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
        "maxReplicas": 3,
        "metrics": [{"type": "External", "external": {"metric": {"name": "a"}, "target": {"type": "AverageValue", "averageValue": "1"}}}],
        "behavior": {"scaleDown": {"policies": [{"type": "Percent", "value": 20, "periodSeconds": 60}]}},
    },
}
SCALED_OBJECT = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"name": "a"},
    "spec": {
        "scaleTargetRef": {"name": "a"},
        "triggers": [{"type": "prometheus", "metadata": {"query": "a", "threshold": "1", "ignoreNullValues": "false"}}],
    },
}
API_SERVICE = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1beta1.external.metrics.k8s.io"},
    "spec": {
        "group": "external.metrics.k8s.io",
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "service": {"name": "prometheus-adapter", "namespace": "monitoring"},
    },
}
BROKEN_SCALERS = {
    "no maximum": (SCALER, lambda s: s.pop("maxReplicas")),
    "behaviour with a misspelt key": (SCALER, lambda s: s["behavior"]["scaleDown"].update(stabilizationWindow=300)),
    "policy without a period": (SCALER, lambda s: s["behavior"]["scaleDown"]["policies"][0].pop("periodSeconds")),
    "metric without a target": (SCALER, lambda s: s["metrics"][0]["external"].pop("target")),
    "trigger value that is no text": (SCALED_OBJECT, lambda s: s["triggers"][0]["metadata"].update(ignoreNullValues=False)),
    "trigger without a type": (SCALED_OBJECT, lambda s: s["triggers"][0].pop("type")),
    "misspelt polling interval": (SCALED_OBJECT, lambda s: s.update(pollInterval=15)),
    "API service without priority": (API_SERVICE, lambda s: s.pop("versionPriority")),
    "API service with a misspelt key": (API_SERVICE, lambda s: s.update(insecureSkipTlsVerify=True)),
}


@pytest.mark.parametrize("name", BROKEN_SCALERS)
def test_a_broken_scaler_is_found(name):
    whole, change = BROKEN_SCALERS[name]
    manifest = copy.deepcopy(whole)
    assert complaints(json.dumps(manifest)) == []
    change(manifest["spec"])
    assert complaints(json.dumps(manifest)) != []


def test_a_key_given_twice_is_found():
    text = helm_template(CHART / "ci" / "minimal-values.yaml").stdout
    assert complaints(text) == []
    assert complaints(text.replace("  replicas: 1\n", "  replicas: 1\n  replicas: 1\n")) != []


def test_each_schema_says_where_it_comes_from_and_is_in_the_list():
    listed = (SCHEMAS / "README.md").read_text()
    paths = sorted(SCHEMAS.glob("*.json"))
    for path in paths:
        module, _, rest = json.loads(path.read_text())["$comment"].partition("@")
        assert f"`{module}`" in listed and rest.split()[0] in listed and "Apache-2.0" in rest
    assert len(paths) > 15 and sum(path.stat().st_size for path in paths) < 400_000


def test_the_optional_kinds_are_all_among_what_is_validated(everything):
    assert {"NetworkPolicy", "Pod", "PrometheusRule", "ServiceMonitor"} <= set(kinds(everything))
