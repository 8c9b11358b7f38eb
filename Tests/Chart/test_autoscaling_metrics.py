"""The chart's queries, run by a real Prometheus that scrapes the real server while a known number
of requests is parked in it."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
import yaml

import chart
from server import MODEL_NAME, Server, free_port

pytestmark = [pytest.mark.prometheus, pytest.mark.server]

RUNNING, WAITING = 2, 5
VALUES = {
    "autoscaling": {"keda": {"enabled": True}},
    "monitoring": {
        "serviceMonitor": {"enabled": True}, "alerts": {"enabled": True},
        "dashboard": {"enabled": True}}}
POD = "chat-pumice-5d4f9-abcde"


class Prometheus:
    """A Prometheus that scrapes one server every second, as the chart's monitor says."""

    def __init__(self, folder, target, objects):
        self.port = free_port()
        monitor = chart.only(objects, "ServiceMonitor")["spec"]["endpoints"][0]
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{
                "job_name": "pumice",
                "metrics_path": monitor["path"],
                # What the operator adds of the pod.
                "static_configs": [{
                    "targets": [target],
                    "labels": {"namespace": chart.NAMESPACE, "pod": POD}}],
                "relabel_configs": [
                    {"target_label": rule["targetLabel"], "replacement": rule["replacement"]}
                    for rule in monitor["relabelings"]],
            }]}
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        rules = chart.only(objects, "PrometheusRule")["spec"]
        (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
        self.log = folder / "log"
        program = pathlib.Path(os.environ["PUMICE_PROMETHEUS"]) / "prometheus"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, f"--config.file={folder}/prometheus.yaml",
                 f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"],
                stdout=log, stderr=subprocess.STDOUT)

    def get(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as response:
            answer = json.load(response)
        assert answer["status"] == "success", answer
        return answer["data"]

    def samples(self, query):
        """The series of an instant query: labels and value."""
        data = self.get("query", query=query)
        assert data["resultType"] == "vector", query
        return [(item["metric"], float(item["value"][1])) for item in data["result"]]

    def wait_for(self, query, value, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, self.log.read_text()
            try:
                found = self.samples(query)
                if [sample for _, sample in found] == [value]:
                    return
            except OSError:
                found = "no answer"
            assert time.monotonic() < deadline, f"{query}: {found}, not {value}"
            time.sleep(0.2)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def objects():
    return chart.render(chart.merged(chart.MODEL, VALUES))


@pytest.fixture(scope="module")
def parked(tmp_path_factory, objects):
    """Prometheus and a server that runs two requests while five wait."""
    server = Server(
        tmp_path_factory.mktemp("server") / "log", "--max-num-seqs", RUNNING,
        "--max-model-len", 2048, "--num-gpu-blocks", 512, "--max-num-queued-reqs", WAITING)
    prometheus = Prometheus(
        tmp_path_factory.mktemp("prometheus"), f"127.0.0.1:{server.port}", objects)
    try:
        server.wait_until_ready()
        prometheus.wait_for('up{job="pumice"}', 1)
        # Something for the histograms, once they are scraped.
        for _ in range(2):
            ask(server, max_tokens=4).close()
            server.wait_until_idle()
        with concurrent.futures.ThreadPoolExecutor(RUNNING + WAITING) as threads:
            asked = [
                threads.submit(ask, server, max_tokens=1900) for _ in range(RUNNING + WAITING)]
            try:
                prometheus.wait_for(
                    'pumice_http_requests_in_flight{job="pumice"}', RUNNING + WAITING)
                prometheus.wait_for('vllm:num_requests_waiting{job="pumice"}', WAITING)
                # Five wait for a moment too when two have not reached the engine yet.
                prometheus.wait_for('vllm:num_requests_running{job="pumice"}', RUNNING)
                yield server, prometheus
            finally:
                # What waits has no answer yet to close; the server's end gives it one.
                server.process.kill()
                concurrent.futures.wait(asked)
    finally:
        server.process.kill()
        prometheus.stop()


def ask(server, max_tokens):
    """A stream of which the first token has come; the short ones are read to their end."""
    try:
        stream = server.client().completions.create(
            model=MODEL_NAME, prompt="Once upon a time", max_tokens=max_tokens, temperature=0,
            stream=True, extra_body={"ignore_eos": True})
        for _ in stream:
            if max_tokens > 100:
                break
        return stream
    except Exception:  # the killed server's
        return None


def test_kedas_query_is_one_series_with_every_request(parked, objects):
    _, prometheus = parked
    trigger = chart.only(objects, "ScaledObject")["spec"]["triggers"][0]
    found = prometheus.samples(trigger["metadata"]["query"])
    assert found == [({}, RUNNING + WAITING)]


def test_kedas_metrics_api_trigger_reads_the_same_number(parked):
    server, _ = parked
    values = {"autoscaling": {"keda": {"enabled": True, "trigger": "metrics-api"}}}
    scaled = chart.only(chart.render(chart.merged(chart.MODEL, values)), "ScaledObject")
    location = scaled["spec"]["triggers"][0]["metadata"]["valueLocation"]
    assert server.metric(location) == RUNNING + WAITING


def test_the_metric_of_the_prometheus_adapter(parked):
    _, prometheus = parked
    path = chart.ROOT / "helm/examples/prometheus-adapter.yaml"
    rule = yaml.safe_load(path.read_text())["rules"]["custom"][0]
    assert [labels["pod"] for labels, _ in prometheus.samples(rule["seriesQuery"])] == [POD]
    query = rule["metricsQuery"].replace("<<.GroupBy>>", "pod")
    query = query.replace("<<.LabelMatchers>>", f'namespace="{chart.NAMESPACE}",pod="{POD}"')
    assert prometheus.samples(query) == [({"pod": POD}, RUNNING + WAITING)]
    hpa = {"autoscaling": {"hpa": {"enabled": True}}}
    metric = chart.only(chart.render(chart.merged(chart.MODEL, hpa)), "HorizontalPodAutoscaler")
    assert metric["spec"]["metrics"][0]["pods"]["metric"]["name"] == rule["name"]["as"]


def test_kserves_query_is_one_series(parked):
    _, prometheus = parked
    path = chart.ROOT / "helm/examples/manifests/kserve-keda.yaml"
    service, = chart.documents(path.read_text())
    external = service["spec"]["predictor"]["autoScaling"]["metrics"][0]["external"]
    # The runtime serves the model under the service's own name.
    query = external["metric"]["query"].replace(service["metadata"]["name"], MODEL_NAME)
    assert prometheus.samples(query) == [({}, RUNNING + WAITING)]


def test_every_query_of_the_dashboard_has_data(parked, objects):
    _, prometheus = parked
    dashboard = json.loads(
        objects["ConfigMap", "chat-pumice-dashboard"]["data"]["pumice.json"])
    queries = [
        target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert len(queries) > 25
    for query in queries:
        for variable, value in [("$namespace", chart.NAMESPACE), ("$service", "chat-pumice"),
                                ("$__rate_interval", "1m")]:
            query = query.replace(variable, value)
        assert "$" not in query
        assert prometheus.samples(query), query


def test_the_dashboards_variables_are_labels_of_the_metrics(parked, objects):
    _, prometheus = parked
    labels, _ = prometheus.samples("vllm:num_requests_running")[0]
    assert labels["namespace"] == chart.NAMESPACE and labels["service"] == "chat-pumice"


def test_prometheus_evaluates_every_alert(parked):
    _, prometheus = parked
    time.sleep(2)  # evaluations are a second apart
    rules = prometheus.get("rules")["groups"][0]["rules"]
    assert {rule["health"] for rule in rules} == {"ok"}, rules
    firing = {rule["name"] for rule in rules if rule["state"] != "inactive"}
    # It does run on a CPU here, and five wait while two run.
    assert {"PumiceQueueGrows", "PumiceRunsOnACPU"} <= firing


def test_promtool_finds_nothing_wrong_with_our_names(parked):
    server, _ = parked
    # vLLM's names have a colon, which promtool keeps for recording rules.
    lines = [line for line in server.get("/metrics")[1].splitlines(keepends=True)
             if "vllm:" not in line]
    promtool = pathlib.Path(os.environ["PUMICE_PROMETHEUS"]) / "promtool"
    result = subprocess.run(
        [promtool, "check", "metrics"], input="".join(lines), capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert sum(line.startswith("# TYPE pumice_") for line in lines) > 40
