"""Wrong values fail, with a sentence that names the value and says what to do."""

import pytest

import chart

CLAIM = {"model": {"path": "m.gguf", "volume": {"type": "pvc", "existingClaim": "models"}}}
MONITORED = {"monitoring": {"serviceMonitor": {"enabled": True}}}

CONTRADICTIONS = {
    "both autoscalers": (
        MONITORED | {"autoscaling": {"hpa": {"enabled": True}, "keda": {"enabled": True}}},
        "enable one of them"),
    "no render group for AMD": ({"accelerator": "amd"}, "set gpu.renderGroup"),
    "no render group for Intel": ({"accelerator": "intel"}, "set gpu.renderGroup"),
    "no model": ({"model": {"id": ""}}, "There is no model"),
    "two models": ({"model": {"idSecret": {"name": "a", "key": "b"}}}, "not both"),
    "a download and a path": ({"model": {"path": "m.gguf"}}, "set one of them"),
    "a file in an emptyDir": (
        {"model": {"id": "", "path": "m.gguf"}}, "an emptyDir is empty"),
    "a file in a new claim": (
        {"model": {"id": "", "path": "m.gguf", "volume": {"type": "pvc"}}}, "existingClaim"),
    "an image volume without an image": (
        {"model": {"id": "", "path": "m.gguf", "volume": {"type": "image"}}}, "volume.image"),
    "a download into an image": (
        {"model": {"volume": {"type": "image", "image": "a/b"}}}, "read-only"),
    "fewer at most than at least": (
        MONITORED | {"autoscaling": {
            "minReplicas": 5, "maxReplicas": 4, "keda": {"enabled": True}}}, "greater than"),
    "zero pods without the add-on": (
        MONITORED | {"autoscaling": {"minReplicas": 0, "keda": {"enabled": True}}},
        "dies with the last pod"),
    "the add-on without hosts": (
        {"autoscaling": {"httpAddOn": {"enabled": True}}}, "httpAddOn.hosts"),
    "two owners of a ScaledObject": (
        MONITORED | {"autoscaling": {
            "keda": {"enabled": True},
            "httpAddOn": {"enabled": True, "hosts": ["a"], "api": "HTTPScaledObject"}}},
        "ScaledObject of its own"),
    "KEDA asks a Prometheus that scrapes nothing": (
        {"autoscaling": {"keda": {"enabled": True}}}, "metrics-api"),
    "both monitors": (
        {"monitoring": {"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}}},
        "count twice"),
    "DRA for a CPU": ({"accelerator": "cpu", "gpu": {"dra": {"enabled": True}}}, "asks for a GPU"),
    "a split for one GPU": ({"engine": {"layerSplit": "3,1"}}, "set gpu.count"),
    "a split for other GPUs": (
        {"gpu": {"count": 3}, "engine": {"layerSplit": "3,1"}}, "each of the 3 GPUs"),
    "two API keys": ({"auth": {"apiKey": "a", "existingSecret": "b"}}, "not both"),
    "TLS behind the interceptor": (
        {"tls": {"existingSecret": "a"},
         "autoscaling": {"httpAddOn": {"enabled": True, "hosts": ["a"]}}}, "end TLS before it"),
    "a route without a Gateway": ({"httpRoute": {"enabled": True}}, "parentRefs"),
    "an Ingress without hosts": ({"ingress": {"enabled": True}}, "ingress.hosts"),
    "a pool without a picker": ({"inferencePool": {"enabled": True}}, "endpointPicker"),
    "a grace period that cuts streams": (
        {"terminationGracePeriodSeconds": 60}, "cuts running streams"),
}

MALFORMED = {
    "an unknown key": ({"replicaCount": 2}, "replicaCount"),
    "an unknown key deep down": ({"gpu": {"dra": {"enable": True}}}, "enable"),
    "negative replicas": ({"replicas": -1}, "replicas"),
    "negative least replicas": ({"autoscaling": {"minReplicas": -1}}, "minReplicas"),
    "another accelerator": ({"accelerator": "cuda"}, "accelerator"),
    "a group that is a name": ({"gpu": {"renderGroup": "render"}}, "renderGroup"),
    "the group of root": ({"gpu": {"renderGroup": 0}}, "renderGroup"),
    "too much memory": ({"engine": {"gpuMemoryUtilization": 1.5}}, "gpuMemoryUtilization"),
    "an odd block size": ({"engine": {"blockSize": 10}}, "blockSize"),
    "a port of root's": ({"server": {"port": 80}}, "port"),
    "a path out of the volume": (
        {"model": {"id": "", "path": "../m.gguf"}}, "path"),
    "a size without sense": ({"model": {"volume": {"size": "much"}}}, "size"),
    "a Secret without a key": ({"model": {"hub": {"tokenSecret": {"name": "a"}}}}, "key"),
    "a canary without a weight": ({"httpRoute": {"canary": {"name": "b"}}}, "weight"),
    "a number where a flag is": ({"server": {"extraArgs": [1]}}, "extraArgs"),
    "a digest that is none": ({"image": {"digest": "sha256:abc"}}, "digest"),
}


def refusal(values, version=chart.VERSIONS[-1]):
    with pytest.raises(chart.Refused) as caught:
        chart.render(chart.merged(chart.MODEL, values), version)
    return str(caught.value)


def test_the_base_of_these_tests_is_accepted():
    chart.render(chart.MODEL)
    chart.render(CLAIM)


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_refused_with_a_sentence(name):
    values, words = CONTRADICTIONS[name]
    message = refusal(values)
    assert words in message
    assert "error calling fail" in message or "execution error" in message, message


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_value_is_refused_by_name(name):
    values, words = MALFORMED[name]
    message = refusal(values)
    assert words in message and "schema" in message


@pytest.mark.parametrize("values, version, words", [
    ({"gpu": {"dra": {"enabled": True}}}, "1.31", "1.32 or later"),
    ({"model": {"id": "", "path": "m.gguf", "volume": {"type": "image", "image": "a/b"}}},
     "1.32", "1.33 or later"),
    ({}, "1.28", "1.28"),
])
def test_what_a_cluster_is_too_old_for_is_refused(values, version, words):
    assert words in refusal(values, version)
