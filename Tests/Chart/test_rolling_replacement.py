"""Three replicas behind a real nginx, under load: drained and replaced one after another as a
rolling update does it, none of the requests is lost; killed outright, a replica's requests end in
an error that a client may retry."""

import contextlib
import os
import pathlib
import subprocess
import threading
import time

import openai
import pytest

import chart
from server import MODEL_NAME, Server, free_port

pytestmark = [pytest.mark.nginx, pytest.mark.server]

REPLICAS, CLIENTS, TOKENS = 3, 4, 8
# As the chart's preStop, shorter: the pod has left the Service and still serves.
PRE_STOP_SECONDS = 1

CONFIGURATION = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream replicas {{
        {servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://replicas;
            proxy_http_version 1.1;
            # What the chart's annotations tell an ingress; and no second try by the proxy.
            proxy_buffering off;
            proxy_read_timeout 3600;
            proxy_next_upstream off;
        }}
    }}
}}
"""


class Proxy:
    """nginx, which sends requests to the replicas it was told of last."""

    def __init__(self, folder, replicas):
        self.folder, self.port = folder, free_port()
        self.write(replicas)
        self.process = subprocess.Popen(
            [os.environ["PUMICE_NGINX"], "-p", folder, "-e", folder / "error.log",
             "-c", folder / "nginx.conf"])

    def write(self, replicas):
        servers = "\n".join(f"server 127.0.0.1:{replica.port};" for replica in replicas)
        (self.folder / "nginx.conf").write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, servers=servers))

    def lead_to(self, replicas):
        """What an endpoints controller does when pods come and go. Old connections go on."""
        self.write(replicas)
        subprocess.run(
            [os.environ["PUMICE_NGINX"], "-p", self.folder, "-e", self.folder / "error.log",
             "-c", self.folder / "nginx.conf", "-s", "reload"], check=True)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Load:
    """Clients that ask without a pause: half of them stream. No client tries twice."""

    def __init__(self, port):
        self.client = openai.OpenAI(
            base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0, timeout=120)
        self.finished, self.failures, self.done = [], [], threading.Event()
        self.threads = [
            threading.Thread(target=self.ask, args=(index,)) for index in range(CLIENTS)]

    def ask(self, index):
        while not self.done.is_set():
            try:
                self.finished.append(self.once(stream=index % 2 == 0))
            except Exception as error:  # the SDK's, or the HTTP client's of a broken stream
                self.failures.append(error)

    def once(self, stream):
        """An answer's text; one that ends early is an error."""
        answer = self.client.completions.create(
            model=MODEL_NAME, prompt="Once upon a time", max_tokens=TOKENS, temperature=0,
            stream=stream, extra_body={"ignore_eos": True})
        if not stream:
            assert answer.choices[0].finish_reason == "length"
            return answer.choices[0].text
        text, reason = "", None
        for chunk in answer:
            text += chunk.choices[0].text
            reason = chunk.choices[0].finish_reason or reason
        assert reason == "length", f"the stream ended without a reason after {text!r}"
        return text

    def wait_for_more(self, count=CLIENTS):
        """Waits for answers that are newer than this call."""
        wanted, deadline = len(self.finished) + count, time.monotonic() + 120
        while len(self.finished) < wanted:
            assert time.monotonic() < deadline, "no answers any more"
            time.sleep(0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join(120)


@pytest.fixture
def replicas(tmp_path):
    """A function that starts a replica; all of them end with the test."""
    started = []

    def start():
        replica = Server(
            tmp_path / f"replica-{len(started)}", "--max-model-len", 256, "--max-num-seqs", 8,
            "--num-gpu-blocks", 64)
        started.append(replica)
        return replica.wait_until_ready()

    yield start
    for replica in started:
        with contextlib.suppress(ProcessLookupError):
            replica.process.kill()


@pytest.fixture
def proxy_folder(tmp_path):
    folder = tmp_path / "nginx"
    folder.mkdir()
    # nginx's workers run as nobody if the test runs as root.
    for path in [folder, *folder.parents]:
        if path != pathlib.Path("/") and path.owner() != "nobody" and os.geteuid() == 0:
            path.chmod(path.stat().st_mode | 0o011)
    return folder


def test_no_request_is_lost_in_a_rolling_update_and_a_killed_replicas_may_be_retried(
        replicas, proxy_folder):
    assert chart.server(chart.render(chart.MODEL))["lifecycle"]["preStop"]["sleep"]["seconds"] >= \
        PRE_STOP_SECONDS
    serving = [replicas() for _ in range(REPLICAS)]
    proxy = Proxy(proxy_folder, serving)
    try:
        time.sleep(0.5)
        with Load(proxy.port) as load:
            load.wait_for_more()
            for old in list(serving):
                new = replicas()
                serving = [replica for replica in serving if replica is not old] + [new]
                proxy.lead_to(serving)
                time.sleep(PRE_STOP_SECONDS)
                old.stop()  # SIGTERM; fails unless the exit code is 0
                load.wait_for_more()
            assert not load.failures, load.failures

            killed, deadline = serving[0], time.monotonic() + 60
            while not killed.metric("vllm:num_requests_running"):
                assert time.monotonic() < deadline, "no request came to this replica"
                time.sleep(0.02)
            killed.process.kill()
            killed.process.wait()
            # As long as it takes until a proxy is told.
            time.sleep(1)
            proxy.lead_to(serving[1:])
            load.wait_for_more(2 * CLIENTS)
        # Never an answer cut short in silence, and what a client is told lets it try again.
        assert load.failures
        assert not [error for error in load.failures if isinstance(error, AssertionError)]
        for error in load.failures:
            status = getattr(error, "status_code", None)
            assert status is None or status in (502, 503, 504), error
        assert len(set(load.finished)) == 1, "a greedy answer differs between replicas"
        assert load.once(stream=True) == load.finished[0]
    finally:
        proxy.stop()
