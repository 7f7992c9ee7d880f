"""Renders the chart and Kustomize folders, and validates what comes out."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "headroom"
SCHEMAS = ROOT / "test" / "schemas"
VALUE_SETS = sorted((CHART / "ci").glob("*-values.yaml"))
# Helm built by `go install` believes in Kubernetes 1.20.
KUBERNETES = "1.37.2"
RELEASE = ["watch", str(CHART), "--namespace", "monitoring", "--kube-version", KUBERNETES]


def tool(name):
    """The path of a tool of scripts/install-tools; without it there is nothing to test with."""
    told = subprocess.run([ROOT / "scripts" / "install-tools", "--path", name], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        pytest.skip(f"{name} is not built: scripts/install-tools {name}")
    return told.stdout.strip()


def run(*command, stdin=""):
    return subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True, timeout=120, check=False)


def helm_template(values):
    """`helm template` with a file of values, or with values: the finished process."""
    if isinstance(values, Path):
        return run(tool("helm"), "template", *RELEASE, "--values", values)
    return run(tool("helm"), "template", *RELEASE, "--values", "-", stdin=json.dumps(values))


def documents(text):
    return [d for d in yaml.load_all(text, yaml.CSafeLoader) if d is not None]


def render(values):
    """The manifests that the chart makes of the values."""
    ran = helm_template(values)
    assert ran.returncode == 0, ran.stderr
    return documents(ran.stdout)


def kustomize(folder):
    """The text that Kustomize makes of a folder."""
    ran = run(tool("kustomize"), "build", folder)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def one(manifests, kind):
    """The only manifest of that kind."""
    (found,) = [m for m in manifests if m["kind"] == kind]
    return found


def kinds(manifests):
    return sorted({m["kind"] for m in manifests})


def pod_specs(manifests):
    """The pod of each workload: name -> spec."""
    return {
        m["metadata"]["name"]: m["spec"] if m["kind"] == "Pod" else m["spec"]["template"]["spec"]
        for m in manifests
        if m["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job", "Pod")
    }


def complaints(text):
    """What kubeconform finds in manifests given as text: a list of "Kind name: message"."""
    location = str(SCHEMAS / "{{.ResourceKind}}{{.KindSuffix}}.json")
    ran = run(tool("kubeconform"), "-strict", "-output", "json", "-verbose", "-schema-location", location, stdin=text)
    resources = json.loads(ran.stdout)["resources"]
    assert resources, "nothing to validate"
    return [f"{r['kind']} {r['name']}: {r['msg']}" for r in resources if r["status"] != "statusValid"]


def with_config(**values):
    """The least values, and these."""
    config = '[[redis]]\nname = "main"\nurl = "redis://redis:6379"\nlists = ["a"]\n'
    image = {"repository": "registry.example/headroom-exporter", **values.pop("image", {})}
    return {"config": config, "image": image, **values}
