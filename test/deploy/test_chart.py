"""What the chart makes of values."""

import pytest
from kube import CHART, KUBERNETES, VALUE_SETS, complaints, helm_template, kinds, one, render, run, tool, with_config
from support.version import VERSION

ALWAYS = ["ConfigMap", "Deployment", "Pod", "Service", "ServiceAccount"]


@pytest.fixture(params=VALUE_SETS, ids=lambda path: path.stem, scope="module")
def values(request):
    return request.param


def container(manifests):
    (only,) = one(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    return only


def test_helm_lint_finds_nothing(values):
    ran = run(tool("helm"), "lint", "--strict", "--kube-version", KUBERNETES, CHART, "--values", values)
    assert ran.returncode == 0 and "0 chart(s) failed" in ran.stdout, ran.stdout + ran.stderr
    assert "[WARNING]" not in ran.stdout and "[ERROR]" not in ran.stdout


def test_every_manifest_fits_its_schema(values):
    assert complaints(helm_template(values).stdout) == []


def test_the_least_values_make_the_least_objects():
    assert kinds(render(with_config())) == ALWAYS


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"replicas": 2}, "PodDisruptionBudget"),
        ({"networkPolicy": {"enabled": True}}, "NetworkPolicy"),
        ({"serviceMonitor": {"enabled": True}}, "ServiceMonitor"),
        ({"podMonitor": {"enabled": True}}, "PodMonitor"),
        ({"prometheusRule": {"enabled": True}}, "PrometheusRule"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_optional_comes_when_asked_for(values, kind):
    assert kinds(render(with_config(**values))) == sorted([*ALWAYS, kind])


@pytest.mark.parametrize(
    "text",
    ["\n\n[[redis]]\n", "    [[redis]]\nx = 1\n", 'a = "{{ .Values.image }} ${POD} \\\\ \'\u00fc\'"\n', "# only\n\n\n"],
    ids=["blank lines", "indented", "braces", "comment"],
)
def test_the_configuration_arrives_as_it_was_given(text):
    got = one(render(with_config(config=text)), "ConfigMap")["data"]["headroom.toml"]
    assert got.rstrip("\n") == text.rstrip("\n")


def test_an_existing_configmap_is_mounted_and_none_is_made():
    manifests = render(with_config(config="", existingConfigMap="queues"))
    assert "ConfigMap" not in kinds(manifests)
    volume = one(manifests, "Deployment")["spec"]["template"]["spec"]["volumes"][0]
    assert volume == {"name": "config", "configMap": {"name": "queues"}}


def test_a_changed_configuration_rolls_the_pods_and_nothing_else_does():
    def template(**values):
        return one(render(with_config(**values)), "Deployment")["spec"]["template"]

    assert template(config="# a") != template(config="# b")
    monitored = template(serviceMonitor={"enabled": True}, prometheusRule={"enabled": True}, dashboards={"enabled": True})
    assert monitored == template()


def test_a_new_pod_is_ready_before_the_old_one_goes():
    strategy = one(render(with_config()), "Deployment")["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_secrets_are_files_of_secrets_that_are_there_already():
    files = [{"secret": "redis-monitor", "key": "password", "file": "redis"}]
    manifests = render(with_config(secretFiles=files))
    assert "Secret" not in kinds(manifests)
    for pod in (one(manifests, "Deployment")["spec"]["template"]["spec"], one(manifests, "Pod")["spec"]):
        (volume,) = [v for v in pod["volumes"] if v["name"] == "secrets"]
        (source,) = volume["projected"]["sources"]
        assert source["secret"] == {"name": "redis-monitor", "items": [{"key": "password", "path": "redis"}]}
        assert volume["projected"]["defaultMode"] == 0o440 and pod["securityContext"]["fsGroup"] == 65532
        assert {"name": "secrets", "mountPath": "/run/secrets/headroom", "readOnly": True} in pod["containers"][0]["volumeMounts"]


def test_the_image_is_the_charts_version_a_tag_or_a_digest():
    digest = "sha256:" + "0" * 64
    assert container(render(with_config()))["image"] == f"registry.example/headroom-exporter:{VERSION}"
    assert container(render(with_config(image={"tag": "1.2"})))["image"].endswith("-exporter:1.2")
    assert container(render(with_config(image={"tag": "1.2", "digest": digest})))["image"].endswith(f"-exporter@{digest}")


def test_service_and_monitors_find_what_serves_and_not_the_test():
    for monitor in ("ServiceMonitor", "PodMonitor"):
        manifests = render(with_config(**{monitor[0].lower() + monitor[1:]: {"enabled": True}}))
        deployment, service = one(manifests, "Deployment"), one(manifests, "Service")
        serving = deployment["spec"]["template"]["metadata"]["labels"].items()
        selects = one(manifests, monitor)["spec"]["selector"]["matchLabels"].items()
        assert selects <= (service["metadata"]["labels"].items() if monitor == "ServiceMonitor" else serving)
        for selector in (service["spec"]["selector"], deployment["spec"]["selector"]["matchLabels"]):
            assert selector.items() <= serving
            assert not selector.items() <= one(manifests, "Pod")["metadata"]["labels"].items()
        assert service["spec"]["ports"][0]["targetPort"] == container(manifests)["ports"][0]["name"] == "http"


@pytest.mark.parametrize(("kind", "endpoints"), [("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")])
def test_the_job_is_called_as_the_rules_expect(kind, endpoints):
    (endpoint,) = one(render(with_config(nameOverride="x", **{kind[0].lower() + kind[1:]: {"enabled": True}})), kind)["spec"][endpoints]
    assert endpoint["relabelings"][0] == {"targetLabel": "job", "replacement": "headroom"}
    assert endpoint["port"] == "http"


@pytest.mark.parametrize(("kind", "endpoints"), [("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")])
@pytest.mark.parametrize("path", ["/metrics", "/queues"])
def test_the_exporter_and_its_monitor_agree_on_the_path_of_the_page(kind, endpoints, path):
    given = {} if path == "/metrics" else {"telemetryPath": path}
    manifests = render(with_config(**given, **{kind[0].lower() + kind[1:]: {"enabled": True}}))
    (endpoint,) = one(manifests, kind)["spec"][endpoints]
    assert endpoint["path"] == path
    assert [a for a in container(manifests)["args"] if "telemetry-path" in a] == [f"--web.telemetry-path={path}"]


def test_further_flags_come_last_and_as_they_are():
    flags = ["--web.enable-gzip", '--web.external-url=https://a.example/x y"z']
    assert container(render(with_config(extraArgs=flags)))["args"][-2:] == flags


def test_the_network_policy_covers_the_test_and_always_allows_dns():
    peer = {"podSelector": {"matchLabels": {"app": "redis"}}}
    manifests = render(with_config(networkPolicy={"enabled": True, "egress": [{"to": [peer]}]}))
    policy = one(manifests, "NetworkPolicy")["spec"]
    for labels in (one(manifests, "Pod")["metadata"]["labels"], one(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]):
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert {p["port"] for p in policy["egress"][0]["ports"]} == {53, 5353} and policy["egress"][1] == {"to": [peer]}


def test_a_network_policy_without_egress_closes_no_way_out():
    policy = one(render(with_config(networkPolicy={"enabled": True})), "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress"] and "egress" not in policy and "from" not in policy["ingress"][0]


def test_replicas_keep_to_different_nodes_unless_told_otherwise():
    own = [{"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]

    def spread(**values):
        return one(render(with_config(**values)), "Deployment")["spec"]["template"]["spec"].get("topologySpreadConstraints")

    assert spread() is None
    assert spread(replicas=2)[0]["whenUnsatisfiable"] == "ScheduleAnyway"
    assert spread(replicas=2, topologySpreadConstraints=own) == own
