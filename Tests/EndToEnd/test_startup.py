"""What a server answers before its model is there, and how it ends then."""

import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from file_server import FileServer
from server import MODEL_NAME, Server, command, free_port


@pytest.fixture
def slow_hub():
    """The demo model, at a pace that takes a few seconds."""
    model = pathlib.Path(os.environ["PUMICE_TEST_MODEL"])
    files = FileServer(model.read_bytes(), seconds_per_piece=0.01)
    files.model = f"{files.url}/{model.name}"
    yield files
    files.stop()


def wait_for(server, path, seconds=20):
    """Waits until the server answers at all; the status and the JSON of its answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            status, text = server.get(path)
            return status, json.loads(text or "{}")
        except OSError:
            assert server.process.poll() is None, server.log
            assert time.monotonic() < deadline, server.log
            time.sleep(0.01)


def test_the_port_answers_while_the_model_is_on_its_way(slow_hub, tmp_path):
    began = time.monotonic()
    server = Server(
        tmp_path / "log", "--max-model-len", 256, "--num-gpu-blocks", 32, "--download-dir",
        tmp_path / "models", model=slow_hub.model)
    try:
        status, report = wait_for(server, "/startupz")
        assert time.monotonic() - began < 10
        assert (status, report["status"]) == (503, "loading")
        assert server.get("/livez")[0] == 200
        seen = []
        while (answer := wait_for(server, "/startupz"))[0] == 503:
            if seen[-1:] != [(answer[1]["phase"], answer[1]["progress"])]:
                seen.append((answer[1]["phase"], answer[1]["progress"]))
            if answer[1]["phase"] == "downloading":
                assert server.get("/readyz")[0] == 503
                with pytest.raises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(server.url + "/v1/models", timeout=10)
                # By now it may have got further.
                assert caught.value.code == 503 and caught.value.headers["Retry-After"] == "5"
                assert "being" in json.load(caught.value)["error"]["message"]
                assert server.metric("pumice_build_info") == 1
                assert 0 <= server.metric("pumice_model_load_progress", phase="downloading") <= 1
                assert "Ready" not in server.log
            time.sleep(0.02)
        phases = [phase for phase, _ in seen]
        assert phases == sorted(phases, key=["downloading", "loading", "warming"].index)
        assert len({share for phase, share in seen if phase == "downloading"}) > 3, seen
        assert all(0 <= share <= 1 for _, share in seen)
        server.wait_until_ready()
        assert server.metric("pumice_model_load_seconds", phase="downloading") > 0.5
        assert server.metric("pumice_model_load_seconds", phase="loading") > 0
        assert server.metric("pumice_model_load_seconds", phase="warming") > 0
        assert server.log.count("Ready: ") == 1
        answer = server.client().completions.create(
            model=MODEL_NAME, prompt="Once upon", max_tokens=2, temperature=0)
        assert answer.usage.completion_tokens == 2
        server.stop()
    finally:
        server.process.kill()


def test_sigterm_during_the_download_ends_it_at_once(slow_hub, tmp_path):
    slow_hub.seconds_per_piece = 1
    server = Server(
        tmp_path / "log", "--download-dir", tmp_path / "models", model=slow_hub.model)
    try:
        assert wait_for(server, "/startupz")[1]["phase"] == "downloading"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0, server.log
    finally:
        server.process.kill()


def test_sigterm_while_weights_are_loaded_ends_it(tmp_path):
    server = Server(tmp_path / "log", "--max-model-len", 256, "--num-gpu-blocks", 32)
    try:
        wait_for(server, "/startupz")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0, server.log
        assert "Fatal" not in server.log
    finally:
        server.process.kill()


def test_a_load_that_fails_ends_the_process(tmp_path):
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF no more")
    result = subprocess.run(
        command(free_port(), model=bad), capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "bad.gguf" in result.stderr and "Ready" not in result.stdout


def test_drain_is_guarded_and_final(start_server):
    server = start_server(
        "--max-model-len", 256, "--num-gpu-blocks", 32, "--api-key", "right-key")

    def drain(key):
        request = urllib.request.Request(
            server.url + "/drain?wait=5", method="POST",
            headers={"Authorization": f"Bearer {key}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, None

    assert drain("wrong-key")[0] == 401
    assert server.get("/readyz")[0] == 200
    assert drain("right-key") == (200, {"in_flight": 0, "status": "drained"})
    assert server.get("/readyz")[0] == 503 and server.get("/livez")[0] == 200
    server.stop()
