"""Renders the chart with the real helm, and reads what came out.

PUMICE_HELM        the program helm
PUMICE_KUBECTL     the program kubectl
PUMICE_SHARED      with the folder crds of CustomResourceDefinitions
PUMICE_PROMETHEUS  a folder with the programs prometheus and promtool
PUMICE_CHECKOV     the program checkov
PUMICE_NGINX       the program nginx
PUMICE_BINARY, PUMICE_TEST_MODEL  the real server and its model
"""

import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "pumice"
VALUES = sorted((ROOT / "helm" / "examples" / "values").glob("*.yaml"))
MANIFESTS = sorted((ROOT / "helm" / "examples" / "manifests").glob("*.yaml"))
RELEASE, NAMESPACE = "chat", "models"
# The oldest and the newest Kubernetes whose schemas the tests know and Kubernetes still supports.
VERSIONS = ("1.33", "1.35", "1.37")
# What a chart needs at least, for tests of something else.
MODEL = {"model": {"id": "owner/name"}}


class Refused(Exception):
    """helm refused the values; the text is its message."""


def helm(*arguments):
    result = subprocess.run(
        [os.environ["PUMICE_HELM"], *map(str, arguments)], capture_output=True, text=True)
    if result.returncode != 0:
        raise Refused(result.stderr)
    return result.stdout


def render_text(values, version=VERSIONS[-1]):
    """The chart's output for `values`, a mapping or a file, on a Kubernetes version."""
    command = ["template", RELEASE, CHART, "--namespace", NAMESPACE, "--kube-version", version]
    if isinstance(values, pathlib.Path):
        return helm(*command, "--values", values)
    result = subprocess.run(
        [os.environ["PUMICE_HELM"], *map(str, command), "--values", "-"],
        input=yaml.safe_dump(values), capture_output=True, text=True)
    if result.returncode != 0:
        raise Refused(result.stderr)
    return result.stdout


def render(values, version=VERSIONS[-1]):
    """The objects of the chart, by (kind, name)."""
    return by_name(documents(render_text(values, version)))


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def by_name(objects):
    named = {(item["kind"], item["metadata"]["name"]): item for item in objects}
    assert len(named) == len(objects), "two objects have the same kind and name"
    return named


def only(objects, kind):
    """The one object of a kind."""
    found = [item for (name, _), item in objects.items() if name == kind]
    assert len(found) == 1, f"{len(found)} objects of kind {kind}"
    return found[0]


def kinds(objects):
    return {kind for kind, _ in objects}


def pod_specs(objects):
    """Every PodSpec, by a readable name."""
    for (kind, name), item in objects.items():
        if kind == "Pod":
            yield f"{kind}/{name}", item["spec"]
        elif "template" in item.get("spec", {}):
            yield f"{kind}/{name}", item["spec"]["template"]["spec"]


def server(objects):
    """The container that serves."""
    spec = only(objects, "Deployment")["spec"]["template"]["spec"]
    return next(item for item in spec["containers"] if item["name"] == "server")


def merged(base, changes):
    """`base` with `changes`, mapping by mapping."""
    result = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result
