import json
import os
import signal
import subprocess
import threading
import time

import openai
import pytest

from server import MODEL_NAME, command, free_port

SMALL = ("--max-model-len", 512, "--max-num-seqs", 4, "--num-gpu-blocks", 64)


@pytest.mark.smoke
def test_start_up_ends_with_one_ready_line(server):
    lines = [line for line in server.log.splitlines() if server.url in line]
    assert len(lines) == 1, server.log
    # Model, context, blocks, and the tokens they hold.
    for word in (MODEL_NAME, "2048", "1024", str(1024 * 16)):
        assert word in lines[0]


def test_probes_and_metrics_answer(server):
    for path in ("/health", "/livez", "/startupz", "/ping", "/version", "/load"):
        assert server.get(path)[0] == 200, path
    status, text = server.get("/readyz")
    assert (status, json.loads(text)) == (200, {"status": "ready"})
    for name in ("vllm:num_requests_running", "vllm:kv_cache_usage_perc",
                 "vllm:prompt_tokens_total", "vllm:generation_tokens_total",
                 "vllm:time_to_first_token_seconds_count", "vllm:inter_token_latency_seconds_sum"):
        assert server.metric(name, model_name=MODEL_NAME) >= 0
    assert server.metric("vllm:cache_config_info", block_size=16, num_gpu_blocks=1024) == 1


def test_sigterm_finishes_what_runs_and_exits_0(start_server):
    server = start_server(*SMALL)
    stream = server.client().completions.create(
        model=MODEL_NAME, prompt="Once upon a time", max_tokens=48, temperature=0, stream=True,
        extra_body={"ignore_eos": True})
    first = next(iter(stream))
    server.process.send_signal(signal.SIGTERM)
    chunks = [first, *stream]
    assert chunks[-1].choices[0].finish_reason == "length"
    server.stop()


def test_while_draining_it_is_not_ready_and_takes_nothing(start_server):
    server = start_server(*SMALL)
    stream = server.client().completions.create(
        model=MODEL_NAME, prompt="Once upon a time", max_tokens=200, temperature=0, stream=True,
        extra_body={"ignore_eos": True})
    next(iter(stream))
    server.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 5
    while server.get("/readyz")[0] == 200:
        assert time.monotonic() < deadline, "still ready"
        time.sleep(0.01)
    assert server.get("/livez")[0] == 200
    with pytest.raises(openai.InternalServerError) as caught:
        server.client().completions.create(model=MODEL_NAME, prompt="Hello", max_tokens=1)
    assert caught.value.status_code == 503
    assert caught.value.response.headers["retry-after"]
    stream.close()
    server.stop()


def test_a_drain_ends_at_its_timeout(start_server):
    server = start_server(*SMALL, "--shutdown-timeout", 1)
    outcome = []

    def read():
        try:
            for _ in server.client().completions.create(
                    model=MODEL_NAME, prompt="Once upon a time", max_tokens=480, temperature=0,
                    stream=True, extra_body={"ignore_eos": True}):
                outcome.append("token")
        except openai.APIError as error:
            outcome.append(error.message)

    reader = threading.Thread(target=read)
    reader.start()
    while not outcome:
        time.sleep(0.01)
    begin = time.monotonic()
    server.stop()
    reader.join()
    if outcome[-1] == "token":
        pytest.skip("480 tokens took less than a second here")
    assert time.monotonic() - begin < 15
    assert "shutting down" in outcome[-1]


def test_keys_are_asked_for(start_server):
    server = start_server(*SMALL, "--api-key", "right-key")
    try:
        with pytest.raises(openai.AuthenticationError) as caught:
            server.client(api_key="wrong-key").models.list()
        assert "API key" in caught.value.message
        assert server.client(api_key="right-key").models.list().data
        assert server.get("/health")[0] == 200
        assert server.get("/v1/models")[0] == 401
        assert "right-key" not in server.log and "wrong-key" not in server.log
    finally:
        server.stop()


def run(port, *flags, model=None):
    """Runs a server that must not start; its exit code and output."""
    result = subprocess.run(
        command(port, *flags, model=model), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=120, text=True, errors="replace")
    return result.returncode, result.stdout


def test_a_port_in_use_is_said(server):
    code, output = run(server.port, *SMALL)
    assert code not in (0, None) and code > 0
    assert f"127.0.0.1:{server.port} is in use" in output
    assert "Fatal error" not in output


@pytest.mark.parametrize("damage", ["missing", "empty", "noise", "truncated", "wrong version"])
def test_a_bad_model_file_is_refused(tmp_path, damage):
    good = os.environ["PUMICE_TEST_MODEL"]
    path = tmp_path / "bad.gguf"
    with open(good, "rb") as file:
        head = file.read(1 << 20)
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "noise":
        path.write_bytes(os.urandom(65536))
    elif damage == "truncated":
        path.write_bytes(head)
    elif damage == "wrong version":
        path.write_bytes(head[:4] + b"\xff\x00\x00\x00" + head[8:])
    code, output = run(free_port(), *SMALL, model=path)
    # A negative code is a crash's signal.
    assert code > 0, output
    assert "bad.gguf" in output
    assert "Fatal error" not in output


def test_requests_beyond_the_queue_are_turned_away(start_server):
    server = start_server(
        "--max-model-len", 512, "--max-num-seqs", 1, "--num-gpu-blocks", 64,
        "--max-num-queued-reqs", 2)
    client = server.client()
    streams, refusals = [], []
    try:
        for _ in range(6):
            try:
                streams.append(client.completions.create(
                    model=MODEL_NAME, prompt="Once upon a time", max_tokens=32, temperature=0,
                    stream=True, extra_body={"ignore_eos": True}))
            except openai.RateLimitError as error:
                refusals.append(int(error.response.headers["retry-after"]))
        assert refusals and all(1 <= seconds <= 120 for seconds in refusals)
        # No request that was taken is lost.
        texts = ["".join(chunk.choices[0].text for chunk in stream) for stream in streams]
        assert len(set(texts)) == 1 and texts[0]
        assert server.metric(
            "vllm:admission_rejections_total", reason="max_num_queued_reqs") == len(refusals)
    finally:
        server.stop()
