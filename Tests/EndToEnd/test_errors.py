"""Every mistake gives its documented error, and the server goes on serving."""

import json
import socket
import time
import urllib.error
import urllib.request

import openai
import pytest


@pytest.fixture(autouse=True)
def the_server_goes_on(client, model):
    yield
    answer = client.completions.create(model=model, prompt="Hello", max_tokens=1)
    assert answer.usage.completion_tokens == 1


def post(server, path, body, content_type="application/json"):
    """Status and error of a POST of raw bytes."""
    request = urllib.request.Request(
        server.url + path, data=body, headers={"Content-Type": content_type})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    return caught.value.code, json.loads(caught.value.read())["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{\"prompt\": }", b"nonsense", b"{'a': 1}", b"\xff\xfe"])
def test_a_body_that_is_not_json_is_refused(server, body):
    status, error = post(server, "/v1/chat/completions", body)
    assert status == 400
    assert error["code"] == 400
    assert error["param"].startswith("body.")
    assert "JSON decode error" in error["message"]


def test_deep_json_is_refused(server):
    status, _ = post(server, "/v1/completions", b"[" * 1_000_000)
    assert status == 400


def test_another_content_type_is_refused(server):
    status, error = post(server, "/v1/completions", b"prompt=a", "text/plain")
    assert status == 415
    assert "Only 'application/json' is allowed" in error["message"]


def test_a_body_over_the_limit_is_refused(server):
    size = (32 << 20) + 1
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {size}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("field, value, param", [
    ("max_tokens", "many", "body.max_tokens"),
    ("temperature", "hot", "body.temperature"),
    ("stream", "yes", "body.stream"),
    ("messages", "hello", "body.messages"),
    ("messages", [{"content": "no role"}], "body.messages.0.role"),
    ("temperature", -1, "temperature"),
    ("top_p", 0, "top_p"),
    ("n", 0, "n"),
    ("max_tokens", 0, "max_tokens"),
    ("max_tokens", 1_000_000, "max_tokens"),
    ("frequency_penalty", 3, "frequency_penalty"),
    ("logit_bias", {"word": 1}, "logit_bias"),
    ("response_format", {"type": "xml"}, "response_format"),
    ("top_logprobs", 3, "top_logprobs"),
])
def test_a_wrong_field_is_named(client, model, field, value, param):
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], field: value}
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/chat/completions", body=body, cast_to=object)
    assert caught.value.param == param
    assert field in caught.value.message


def test_a_wrong_model_is_not_found(client, model):
    with pytest.raises(openai.NotFoundError) as caught:
        client.completions.create(model="gpt-4", prompt="Hello")
    assert f"The model `gpt-4` does not exist. Valid aliases: {model}." in caught.value.message
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_a_prompt_over_the_context_is_refused(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        client.completions.create(model=model, prompt=[5] * 2049, max_tokens=1)
    assert caught.value.param == "input_tokens"
    assert "maximum context length is 2048 tokens" in caught.value.message
    with pytest.raises(openai.BadRequestError):
        client.completions.create(model=model, prompt="word " * 3000, max_tokens=1)


def test_unknown_paths_and_methods_are_refused(server):
    assert server.get("/v1/nothing")[0] == 404
    status, text = server.get("/v1/completions")
    assert status == 405
    assert json.loads(text)["error"]["code"] == 405


def test_a_client_that_leaves_a_stream_frees_its_blocks(server, client, model):
    for _ in range(3):
        stream = client.completions.create(
            model=model, prompt="Once upon a time", max_tokens=1500, temperature=0, stream=True,
            extra_body={"ignore_eos": True})
        for _, chunk in zip(range(3), stream):
            assert chunk.choices[0].finish_reason is None
        stream.close()
        # 1500 tokens would take longer than this.
        server.wait_until_idle(seconds=5)


def test_a_client_that_leaves_before_the_answer_frees_its_blocks(server):
    before = server.metric("vllm:request_success_total", finished_reason="abort")
    body = b'{"prompt":"Once upon a time","max_tokens":1500,"temperature":0,"ignore_eos":true}'
    head = f"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" \
        f"Content-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + body)
        deadline = time.monotonic() + 30
        while server.metric("vllm:num_requests_running") == 0:
            assert time.monotonic() < deadline, "the request never ran"
            time.sleep(0.02)
    server.wait_until_idle(seconds=5)
    assert server.metric("vllm:request_success_total", finished_reason="abort") == before + 1


def test_half_a_request_harms_nobody(server):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Le")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{\"prompt\":")
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        connection.recv(4096)
