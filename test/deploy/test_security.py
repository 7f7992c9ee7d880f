"""Every pod holds to the restricted profile of the Pod Security Standards, and to what we ask beside it."""

import copy

import pytest
from kube import DEPLOY, VALUE_SETS, documents, kustomize, pod_specs, render

ALLOWED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def findings(spec):
    """What the restricted profile (kubernetes.io, Pod Security Standards, v1.37) would refuse, and our own rules."""
    pod = spec.get("securityContext", {})
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield key
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= ALLOWED_VOLUMES:
            yield f"volume {volume['name']}"
    if spec.get("automountServiceAccountToken", True):
        yield "a token of the API server"
    if spec.get("enableServiceLinks", True):
        yield "variables of Services"
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        yield from container_findings(container, {**pod, **container.get("securityContext", {})})


def container_findings(container, context):
    name = container["name"]
    if context.get("privileged"):
        yield f"{name}: privileged"
    if context.get("allowPrivilegeEscalation", True):
        yield f"{name}: may gain privileges"
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield f"{name}: capabilities"
    if not context.get("runAsNonRoot") or context.get("runAsUser", 0) == 0:
        yield f"{name}: root"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield f"{name}: no seccomp profile"
    if not context.get("readOnlyRootFilesystem"):
        yield f"{name}: may write to its image"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield f"{name}: a port of the node"
    if "memory" not in container.get("resources", {}).get("limits", {}):
        yield f"{name}: no limit of memory"


@pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)
def test_the_charts_pods_are_restricted(values):
    pods = pod_specs(render(values))
    assert len(pods) == 2
    assert {name: list(findings(spec)) for name, spec in pods.items()} == dict.fromkeys(pods, [])


def test_the_sidecars_pod_is_restricted():
    ((_, spec),) = pod_specs(documents(kustomize(DEPLOY / "sidecar"))).items()
    assert list(findings(spec)) == []


def test_headroom_is_user_65532_beside_a_pooler_that_is_another():
    ((_, spec),) = pod_specs(documents(kustomize(DEPLOY / "sidecar"))).items()
    (ours,) = [c for c in spec["containers"] if c["name"] == "headroom"]
    assert ours["securityContext"]["runAsUser"] == 65532 != spec["securityContext"]["runAsUser"]


LOOSE = {
    "hostNetwork": lambda pod: pod.update(hostNetwork=True),
    "volume a": lambda pod: pod["volumes"].append({"name": "a", "hostPath": {"path": "/"}}),
    "a token of the API server": lambda pod: pod.pop("automountServiceAccountToken"),
    "variables of Services": lambda pod: pod.pop("enableServiceLinks"),
    "headroom: privileged": lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
    "headroom: may gain privileges": lambda pod: pod["containers"][0]["securityContext"].pop("allowPrivilegeEscalation"),
    "headroom: capabilities": lambda pod: pod["containers"][0]["securityContext"].update(capabilities={"add": ["SYS_PTRACE"]}),
    "headroom: root": lambda pod: pod["containers"][0]["securityContext"].update(runAsUser=0),
    "headroom: no seccomp profile": lambda pod: pod["securityContext"].pop("seccompProfile"),
    "headroom: may write to its image": lambda pod: pod["containers"][0]["securityContext"].pop("readOnlyRootFilesystem"),
    "headroom: a port of the node": lambda pod: pod["containers"][0]["ports"][0].update(hostPort=9935),
    "headroom: no limit of memory": lambda pod: pod["containers"][0].pop("resources"),
}


@pytest.fixture(scope="module")
def restricted():
    pods = pod_specs(render(VALUE_SETS[0]))
    return next(spec for name, spec in pods.items() if not name.endswith("-test"))


@pytest.mark.parametrize("finding", LOOSE)
def test_a_looser_pod_is_found(restricted, finding):
    spec = copy.deepcopy(restricted)
    LOOSE[finding](spec)
    assert list(findings(spec)) == [finding]
