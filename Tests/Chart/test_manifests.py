"""Every example, on every Kubernetes version: accepted by the API's schemas and rules, coherent,
and within Pod Security "restricted"."""

import copy

import pytest

import chart
import kubernetes_schemas
import pod_security

# Examples that a namespace at the level "restricted" may refuse, and why.
NOT_RESTRICTED = {
    "image-volume": "the published standard does not list volumes of type image"}


def example_ids(paths):
    return [path.stem for path in paths]


@pytest.fixture(scope="module", params=chart.VALUES, ids=example_ids(chart.VALUES))
def example(request):
    return request.param


@pytest.fixture(scope="module", params=chart.VERSIONS)
def version(request):
    return request.param


def test_there_are_examples_of_every_accelerator():
    texts = [path.read_text() for path in chart.VALUES]
    for accelerator in ("nvidia", "amd", "intel", "cpu"):
        assert any(f"\naccelerator: {accelerator}\n" in text for text in texts), accelerator


def test_helm_lint_finds_nothing(example):
    assert "0 chart(s) failed" in chart.helm("lint", "--strict", chart.CHART, "--values", example)


def test_an_api_server_would_accept_it(example, version, crds):
    for (kind, name), manifest in chart.render(example, version).items():
        assert not kubernetes_schemas.problems(manifest, version, crds), f"{kind}/{name}"


@pytest.mark.parametrize("path", chart.MANIFESTS, ids=example_ids(chart.MANIFESTS))
def test_an_api_server_would_accept_the_manifests(path, crds):
    objects = chart.documents(path.read_text())
    assert objects
    for manifest in objects:
        found = kubernetes_schemas.problems(manifest, chart.VERSIONS[-1], crds)
        assert not found, manifest["metadata"]["name"]


def test_pods_are_restricted(example):
    objects = chart.render(example)
    violations = [
        f"{name}: {violation}" for name, spec in chart.pod_specs(objects)
        for violation in pod_security.violations(spec)]
    assert bool(violations) == (example.stem in NOT_RESTRICTED), violations


def test_no_pod_has_a_token_and_every_container_has_limits(example):
    for name, spec in chart.pod_specs(chart.render(example)):
        assert spec["automountServiceAccountToken"] is False, name
        for container in spec.get("initContainers", []) + spec["containers"]:
            assert container["resources"]["limits"]["memory"], f"{name}: {container['name']}"
            assert container["resources"]["requests"]["cpu"], f"{name}: {container['name']}"


def test_names_within_a_pod_agree(example):
    for name, spec in chart.pod_specs(chart.render(example)):
        volumes = [volume["name"] for volume in spec.get("volumes", [])]
        assert not kubernetes_schemas.duplicates(volumes), name
        containers = spec.get("initContainers", []) + spec["containers"]
        mounted = [mount for container in containers for mount in container.get("volumeMounts", [])]
        assert {mount["name"] for mount in mounted} == set(volumes), name
        for container in containers:
            where = f"{name}: {container['name']}"
            paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            assert not kubernetes_schemas.duplicates(paths), where
            variables = [variable["name"] for variable in container.get("env", [])]
            assert not kubernetes_schemas.duplicates(variables), where


def test_objects_select_the_pods(example):
    objects = chart.render(example)
    deployment = chart.only(objects, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"]: port["containerPort"] for port in chart.server(objects)["ports"]}

    def selects(selector):
        return selector.items() <= labels.items()

    assert selects(deployment["spec"]["selector"]["matchLabels"])
    service = chart.only(objects, "Service")
    assert selects(service["spec"]["selector"])
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]
    for (kind, _), item in objects.items():
        spec = item.get("spec", {})
        if kind in ("PodMonitor", "PodDisruptionBudget", "InferencePool"):
            assert selects(spec["selector"]["matchLabels"]), kind
        if kind == "ServiceMonitor":
            selector = spec["selector"]["matchLabels"].items()
            assert selector <= service["metadata"]["labels"].items()
        if kind == "NetworkPolicy":
            assert selects(spec["podSelector"]["matchLabels"])
        if kind == "InferencePool":
            assert spec["targetPorts"] == [{"number": ports["http"]}]
        if "scaleTargetRef" in spec:
            assert spec["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    test = objects.get(("Pod", deployment["metadata"]["name"] + "-test"))
    # Without a client of TLS in the image there is nothing to ask with.
    assert (test is None) == ("--tls-certificate" in chart.server(objects)["args"])
    if test is None:
        return
    assert not selects(service["spec"]["selector"]) or \
        not service["spec"]["selector"].items() <= test["metadata"]["labels"].items()


def test_the_validator_catches_what_an_api_server_would(crds):
    """Each change breaks a good object in another way."""
    objects = chart.render(chart.ROOT / "helm/examples/values/keda-prometheus.yaml")
    pool = chart.render(chart.ROOT / "helm/examples/values/inference-pool.yaml")
    zero = chart.render(chart.ROOT / "helm/examples/values/scale-to-zero.yaml")
    canary = next(
        item for path in chart.MANIFESTS for item in chart.documents(path.read_text())
        if item["kind"] == "InferenceService" and "canary" in item["spec"])

    def broken(source, change):
        manifest = copy.deepcopy(source)
        change(manifest["spec"])
        return kubernetes_schemas.problems(manifest, chart.VERSIONS[-1], crds)

    scaled = chart.only(objects, "ScaledObject")
    deployment = chart.only(objects, "Deployment")
    inference = chart.only(pool, "InferencePool")
    route = chart.only(pool, "HTTPRoute")
    interceptor = chart.only(zero, "InterceptorRoute")
    for source, change in [
        (deployment, lambda spec: spec.update(replica=1)),
        (deployment, lambda spec: spec.update(replicas="one")),
        (deployment, lambda spec: spec.pop("selector")),
        (scaled, lambda spec: spec.update(minReplicaCount=-1)),
        (scaled, lambda spec: spec.update(minReplicaCount=9)),
        (scaled, lambda spec: spec["triggers"][0]["metadata"].update(threshold=5)),
        (scaled, lambda spec: spec.update(unknownField=True)),
        (inference, lambda spec: spec["targetPorts"].append({"number": 8000})),
        (inference, lambda spec: spec["endpointPickerRef"].pop("port")),
        (route, lambda spec: spec["rules"][0]["matches"][0]["path"].update(value="v1")),
        (route, lambda spec: spec["rules"][0].update(
            timeouts={"request": "5s", "backendRequest": "10s"})),
        (interceptor, lambda spec: spec["target"].update(portName="http")),
        (canary, lambda spec: spec["canary"][0].update(trafficPercent=120)),
        (canary, lambda spec: spec["canary"][0]["predictor"]["model"].pop("name")),
    ]:
        assert not broken(source, lambda spec: None), source["kind"]
        assert broken(source, change), source["kind"]
