"""A Pumice server as a child process, and what the tests read from it."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import openai

MODEL_NAME = "smol"
# A driver without a cache of its shaders compiles them while the server warms up.
START_SECONDS = float(os.environ.get("PUMICE_START_TIMEOUT", "180"))
STOP_SECONDS = 60


def free_port():
    """A port nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def command(port, *flags, model=None):
    """The line that starts a server."""
    line = [os.environ["PUMICE_BINARY"], "serve"]
    line += ["--model", str(model or os.environ["PUMICE_TEST_MODEL"])]
    line += ["--host", "127.0.0.1", "--port", str(port), "--served-model-name", MODEL_NAME]
    if device := os.environ.get("PUMICE_DEVICE"):
        line += ["--device", device]
    return line + [str(flag) for flag in flags]


class Server:
    """A running server. `log` is what it has written, both streams together."""

    def __init__(self, log_path, *flags, model=None):
        self.port = free_port()
        self.log_path = log_path
        self._log = open(log_path, "wb")
        self.process = subprocess.Popen(
            command(self.port, *flags, model=model), stdout=self._log, stderr=subprocess.STDOUT)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def wait_until_ready(self):
        """Waits for `/readyz`; a server that ends instead fails the test with its log."""
        self.wait(self._is_ready)
        return self

    def wait(self, condition):
        """Waits until `condition` holds, as long as a start may take."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"the server ended:\n{self.log}"
            if condition():
                return
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"not so after {START_SECONDS} s:\n{self.log}")

    def _is_ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        """Ends the server as an operator does, and checks that it ends well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"still running {STOP_SECONDS} s after SIGTERM:\n{self.log}")
        finally:
            self._log.close()
        assert code == 0, f"exit code {code}:\n{self.log}"

    def get(self, path):
        """Status and text of a GET."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def client(self, **options):
        return openai.OpenAI(**self._client_options(options))

    def async_client(self, **options):
        return openai.AsyncOpenAI(**self._client_options(options))

    def _client_options(self, options):
        # A retry would hide an error.
        defaults = dict(
            base_url=self.url + "/v1", api_key="none", max_retries=0, timeout=300)
        return defaults | options

    def metric(self, name, **labels):
        """The sum of a metric's series that have `labels`."""
        total, found = 0.0, False
        for line in self.get("/metrics")[1].splitlines():
            match = re.fullmatch(r"([^\s{#]+)(?:\{(.*)\})? (\S+)", line)
            if not match or match[1] != name:
                continue
            if all(f'{key}="{value}"' in (match[2] or "") for key, value in labels.items()):
                total, found = total + float(match[3]), True
        assert found, f"no metric {name} {labels}"
        return total

    def wait_until_idle(self, seconds=20):
        """Waits until nothing runs or waits and every block is free or cached."""
        deadline = time.monotonic() + seconds
        while True:
            busy = {
                "running": self.metric("vllm:num_requests_running"),
                "waiting": self.metric("vllm:num_requests_waiting"),
                "used blocks": self.metric("pumice_kv_blocks", state="used"),
            }
            if not any(busy.values()):
                return
            assert time.monotonic() < deadline, f"still busy after {seconds} s: {busy}"
            time.sleep(0.02)
