"""What the chart makes of its values: the decisions, one by one."""

import pathlib
import urllib.parse

import pytest

import chart

MONITORED = {"monitoring": {"serviceMonitor": {"enabled": True}}}
CLAIM = {"model": {"path": "m.gguf", "volume": {"type": "pvc", "existingClaim": "models"}}}
GPU_VALUES = {
    "nvidia": {}, "amd": {"gpu": {"renderGroup": 992}}, "intel": {"gpu": {"renderGroup": 105}}}


def render(values=None, **options):
    return chart.render(chart.merged(chart.MODEL, values or {}), **options)


def pod(objects):
    return chart.only(objects, "Deployment")["spec"]["template"]["spec"]


def flag(objects, name):
    """What follows a flag of the server."""
    arguments = chart.server(objects)["args"]
    return arguments[arguments.index(name) + 1]


def variables(container):
    return {item["name"]: item.get("value") for item in container["env"]}


@pytest.mark.parametrize("scaling, kind", [
    ({"hpa": {"enabled": True}}, "HorizontalPodAutoscaler"),
    ({"keda": {"enabled": True}}, "ScaledObject"),
    ({"httpAddOn": {"enabled": True, "hosts": ["a.b"]}}, "ScaledObject"),
    ({"httpAddOn": {"enabled": True, "hosts": ["a.b"], "api": "HTTPScaledObject"}},
     "HTTPScaledObject"),
])
def test_an_autoscaler_owns_the_number_of_pods(scaling, kind):
    objects = render(chart.merged(MONITORED, {"autoscaling": scaling, "replicas": 3}))
    assert "replicas" not in chart.only(objects, "Deployment")["spec"]
    assert chart.only(objects, kind)
    assert len(chart.kinds(objects) & {
        "HorizontalPodAutoscaler", "ScaledObject", "HTTPScaledObject"}) == 1


def test_without_an_autoscaler_the_value_counts():
    assert chart.only(render({"replicas": 3}), "Deployment")["spec"]["replicas"] == 3


@pytest.mark.parametrize("accelerator, resource", [
    ("nvidia", "nvidia.com/gpu"), ("amd", "amd.com/gpu"), ("intel", "gpu.intel.com/i915")])
def test_a_gpu_is_asked_for_and_nothing_else_will_do(accelerator, resource):
    objects = render({"accelerator": accelerator, **GPU_VALUES[accelerator]})
    assert chart.server(objects)["resources"]["limits"][resource] == 1
    assert flag(objects, "--device") == "gpu"
    assert variables(chart.server(objects))["VK_LOADER_DRIVERS_DISABLE"] == "*lvp*"
    assert {"key": resource, "operator": "Exists", "effect": "NoSchedule"} in \
        pod(objects)["tolerations"]
    group = GPU_VALUES[accelerator].get("gpu", {}).get("renderGroup")
    assert pod(objects)["securityContext"].get("supplementalGroups") == (group and [group])


def test_a_cpu_asks_for_no_gpu():
    objects = render({"accelerator": "cpu"})
    assert set(chart.server(objects)["resources"]["limits"]) == {"memory"}
    assert flag(objects, "--device") == "cpu"
    assert variables(chart.server(objects))["VK_LOADER_DRIVERS_SELECT"] == "*lvp*"
    assert "tolerations" not in pod(objects)


def test_several_gpus_share_the_layers():
    assert "--pipeline-parallel-size" not in chart.server(render())["args"]
    objects = render({"gpu": {"count": 2}, "engine": {"layerSplit": "3,1"}})
    assert chart.server(objects)["resources"]["limits"]["nvidia.com/gpu"] == 2
    assert flag(objects, "--pipeline-parallel-size") == "2"
    assert flag(objects, "--layer-split") == "3,1"
    # On a CPU no GPU is asked for, however many.
    objects = render({"accelerator": "cpu", "gpu": {"count": 2}})
    assert "--pipeline-parallel-size" not in chart.server(objects)["args"]


def test_only_nvidia_has_a_writable_root():
    for accelerator in ("nvidia", "amd", "intel", "cpu"):
        objects = render({"accelerator": accelerator, **GPU_VALUES.get(accelerator, {})})
        security = chart.server(objects)["securityContext"]
        assert security["readOnlyRootFilesystem"] == (accelerator != "nvidia"), accelerator
    objects = render({"readOnlyRootFilesystem": True})
    assert chart.server(objects)["securityContext"]["readOnlyRootFilesystem"]


def test_no_group_is_needed_where_every_user_may_open_the_device():
    objects = render({"accelerator": "amd", "gpu": {"renderGroup": "none"}})
    assert "supplementalGroups" not in pod(objects)["securityContext"]


@pytest.mark.parametrize("version, api", [
    ("1.32", "v1beta1"), ("1.33", "v1beta1"), ("1.34", "v1"), ("1.37", "v1")])
def test_dra_speaks_the_clusters_version(version, api):
    values = {"gpu": {"dra": {"enabled": True, "selectors": ["true"]}}}
    objects = render(values, version=version)
    template = chart.only(objects, "ResourceClaimTemplate")
    assert template["apiVersion"] == f"resource.k8s.io/{api}"
    request = template["spec"]["spec"]["devices"]["requests"][0]
    request = request if api == "v1beta1" else request["exactly"]
    assert request["deviceClassName"] == "gpu.nvidia.com" and request["count"] == 1
    assert request["selectors"] == [{"cel": {"expression": "true"}}]
    claim = pod(objects)["resourceClaims"][0]
    assert claim["resourceClaimTemplateName"] == template["metadata"]["name"]
    resources = chart.server(objects)["resources"]
    assert resources["claims"] == [{"name": claim["name"]}]
    assert "nvidia.com/gpu" not in resources["limits"]


def test_a_download_in_an_init_container_leaves_the_server_offline():
    values = {"model": {"hub": {
        "endpoint": "https://hub.example.com", "tokenSecret": {"name": "a", "key": "b"}}}}
    objects = render(values)
    pull = pod(objects)["initContainers"][0]
    assert pull["args"] == ["pull", "owner/name", "--download-dir", "/models"]
    assert {"HF_ENDPOINT", "HF_TOKEN"} <= set(variables(pull))
    server = chart.server(objects)
    assert variables(server)["HF_HUB_OFFLINE"] == "1" and "HF_TOKEN" not in variables(server)
    assert server["volumeMounts"][0] == {
        "name": "model", "mountPath": "/models", "readOnly": True}
    assert flag(objects, "--model") == "owner/name"
    assert flag(objects, "--download-dir") == "/models"

    objects = render(chart.merged(values, {"model": {"downloadIn": "serve"}}))
    assert "initContainers" not in pod(objects)
    assert "HF_TOKEN" in variables(chart.server(objects))
    assert "readOnly" not in chart.server(objects)["volumeMounts"][0]


def test_a_secret_address_appears_nowhere():
    objects = chart.render({"model": {"idSecret": {"name": "url", "key": "u"}}})
    for container in (pod(objects)["initContainers"][0], chart.server(objects)):
        assert "$(PUMICE_MODEL)" in container["args"]
        source = next(item for item in container["env"] if item["name"] == "PUMICE_MODEL")
        assert source["valueFrom"]["secretKeyRef"] == {"name": "url", "key": "u"}


def test_pipelines_are_kept_where_the_volume_can_be_written():
    def cache(values):
        mounts = chart.server(chart.render(values))["volumeMounts"]
        return next(mount for mount in mounts if mount["mountPath"] == "/cache")

    downloads = chart.merged(chart.MODEL, {"model": {"volume": {"type": "pvc"}}})
    assert cache(downloads) == {
        "name": "model", "mountPath": "/cache", "subPath": "pumice-cache"}
    assert cache(CLAIM)["name"] == "cache"
    assert cache(CLAIM | {"cache": {"onModelVolume": True}})["name"] == "model"
    assert cache(downloads | {"cache": {"onModelVolume": False}})["name"] == "cache"


def test_the_grace_period_covers_the_drain():
    objects = render({"preStopSeconds": 20, "server": {"shutdownTimeout": 600}})
    assert pod(objects)["terminationGracePeriodSeconds"] > 620
    assert chart.server(objects)["lifecycle"]["preStop"] == {"sleep": {"seconds": 20}}
    assert flag(objects, "--shutdown-timeout") == "600"
    old = chart.server(render(version="1.29"))["lifecycle"]["preStop"]
    assert old == {"exec": {"command": ["sleep", "10"]}}


def test_the_probes_ask_what_the_server_answers():
    server = chart.server(render())
    for probe, path in [("startupProbe", "/startupz"), ("readinessProbe", "/readyz"),
                        ("livenessProbe", "/livez")]:
        assert server[probe]["httpGet"] == {"path": path, "port": "http"}
    startup = server["startupProbe"]
    assert startup["failureThreshold"] * startup["periodSeconds"] >= 1800


def test_a_budget_only_where_there_is_more_than_one_pod():
    assert "PodDisruptionBudget" not in chart.kinds(render())
    assert "PodDisruptionBudget" in chart.kinds(render({"replicas": 2}))
    scaled = {"autoscaling": {"minReplicas": 2, "hpa": {"enabled": True}}}
    assert "PodDisruptionBudget" in chart.kinds(render(scaled))


@pytest.mark.parametrize("rollout, surge, unavailable", [("surge", 1, 0), ("replace", 0, 1)])
def test_a_rollout_with_and_without_a_spare_gpu(rollout, surge, unavailable):
    strategy = chart.only(render({"rollout": rollout}), "Deployment")["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": surge, "maxUnavailable": unavailable}


def test_large_numbers_are_written_out():
    objects = render({"engine": {"maxNumQueuedTokens": 123456789, "maxModelLen": 1048576}})
    assert flag(objects, "--max-num-queued-tokens") == "123456789"
    assert flag(objects, "--max-model-len") == "1048576"


def test_a_changed_template_restarts_the_pods_and_a_changed_key_does_not():
    def template(values):
        return chart.only(render(values), "Deployment")["spec"]["template"]

    def chats(text):
        return template({"model": {"chatTemplate": text}})

    assert chats("a") != chats("b") and chats("a") == chats("a")
    assert template({"auth": {"apiKey": "a"}}) == template({"auth": {"apiKey": "b"}})


@pytest.mark.parametrize("auth, secret", [
    ({"apiKey": "a"}, "chat-pumice-api-key"), ({"existingSecret": "keys"}, "keys")])
def test_keys_are_a_file_that_changes_with_its_secret(auth, secret):
    objects = render({"auth": auth})
    path = pathlib.PurePosixPath(flag(objects, "--api-key-file"))
    mount = next(item for item in chart.server(objects)["volumeMounts"]
                 if item["mountPath"] == str(path.parent))
    # A file mounted alone would never change.
    assert "subPath" not in mount and mount["readOnly"]
    volume = next(item for item in pod(objects)["volumes"] if item["name"] == mount["name"])
    assert volume["secret"]["secretName"] == secret
    assert volume["secret"]["items"] == [{"key": path.name, "path": path.name}]
    assert "PUMICE_API_KEY" not in variables(chart.server(objects))
    assert "--api-key-file" not in chart.server(render())["args"]


def test_with_a_certificate_everyone_asks_by_https():
    values = chart.merged(MONITORED, {
        "tls": {"existingSecret": "chat-tls"},
        "autoscaling": {"keda": {"enabled": True, "trigger": "metrics-api"}}})
    objects = render(values)
    server = chart.server(objects)
    mount = next(item for item in server["volumeMounts"] if item["name"] == "tls")
    for name, file in (("--tls-certificate", "tls.crt"), ("--tls-key", "tls.key")):
        assert flag(objects, name) == f"{mount['mountPath']}/{file}"
    volume = next(item for item in pod(objects)["volumes"] if item["name"] == "tls")
    assert volume["secret"]["secretName"] == "chat-tls"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert server[probe]["httpGet"]["scheme"] == "HTTPS"
    assert chart.only(objects, "Service")["spec"]["ports"][0]["appProtocol"] == "https"
    endpoint = chart.only(objects, "ServiceMonitor")["spec"]["endpoints"][0]
    assert endpoint["scheme"] == "https" and endpoint["tlsConfig"]["insecureSkipVerify"]
    trigger = chart.only(objects, "ScaledObject")["spec"]["triggers"][0]["metadata"]
    assert trigger["url"].startswith("https://") and trigger["unsafeSsl"] == "true"


def test_further_volumes_are_mounted_into_the_server_alone():
    volume = {"name": "adapters", "persistentVolumeClaim": {"claimName": "adapters"}}
    mount = {"name": "adapters", "mountPath": "/adapters"}
    objects = render({"server": {"extraVolumes": [volume], "extraVolumeMounts": [mount]}})
    assert volume in pod(objects)["volumes"]
    assert mount in chart.server(objects)["volumeMounts"]
    assert mount not in pod(objects)["initContainers"][0]["volumeMounts"]


def test_a_new_chart_version_alone_restarts_nothing():
    labels = chart.only(render(), "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert set(labels) == {
        "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}


def test_traffic_is_shared_with_a_canary():
    values = {"httpRoute": {
        "enabled": True, "parentRefs": [{"name": "g"}], "weight": 80,
        "canary": {"name": "next", "port": 80, "weight": 20}}}
    backends = chart.only(render(values), "HTTPRoute")["spec"]["rules"][0]["backendRefs"]
    assert [(item["name"], item["weight"]) for item in backends] == \
        [("chat-pumice", 80), ("next", 20)]
    values["inferencePool"] = {"enabled": True, "endpointPicker": {"name": "p", "port": 9002}}
    backends = chart.only(render(values), "HTTPRoute")["spec"]["rules"][0]["backendRefs"]
    assert {item["kind"] for item in backends} == {"InferencePool"}


def test_a_closed_network_stays_closed_without_a_download():
    values = CLAIM | {"networkPolicy": {"enabled": True}}
    assert chart.only(chart.render(values), "NetworkPolicy")["spec"]["egress"] == []
    egress = chart.only(render({"networkPolicy": {"enabled": True}}), "NetworkPolicy")
    ports = {port["port"] for rule in egress["spec"]["egress"] for port in rule["ports"]}
    assert ports == {53, 443}


def test_zero_pods_are_woken_by_the_interceptor():
    values = {"autoscaling": {
        "minReplicas": 0, "httpAddOn": {"enabled": True, "hosts": ["llm.example.com"]}}}
    objects = render(values)
    route, scaled = chart.only(objects, "InterceptorRoute"), chart.only(objects, "ScaledObject")
    trigger = scaled["spec"]["triggers"][0]
    assert trigger["type"] == "external-push"
    assert trigger["metadata"]["interceptorRoute"] == route["metadata"]["name"]
    assert route["spec"]["timeouts"]["request"] == "0s"
    assert scaled["spec"]["minReplicaCount"] == 0 and "fallback" not in scaled["spec"]


def test_keda_without_prometheus_sums_over_the_pods():
    values = {"autoscaling": {"keda": {"enabled": True, "trigger": "metrics-api"}}}
    objects = render(values)
    metadata = chart.only(objects, "ScaledObject")["spec"]["triggers"][0]["metadata"]
    service = chart.only(objects, "Service")
    url = urllib.parse.urlsplit(metadata["url"])
    # As KEDA's scaler reads it: host and port together, cut at the dots.
    assert url.netloc.split(".")[:2] == [service["metadata"]["name"], chart.NAMESPACE]
    assert url.port == chart.server(objects)["ports"][0]["containerPort"]
    assert url.path == "/metrics"
    assert metadata["aggregateFromKubeServiceEndpoints"] == "true"
    assert metadata["aggregationType"] == "sum"
    assert metadata["targetValue"] == "51"  # 80 % of 64
