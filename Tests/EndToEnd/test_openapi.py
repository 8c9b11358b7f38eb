"""`/openapi.json` describes what the server does, and nothing it is sent is its fault."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request

import jsonschema
import pytest

MESSAGES = [{"role": "user", "content": "Hello"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 9}},
           "required": ["city"], "additionalProperties": False}
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": WEATHER}}


@pytest.fixture(scope="module")
def document(server):
    return json.loads(server.get("/openapi.json")[1])


@pytest.fixture(scope="module")
def validate(document):
    """A function that validates a value against a schema of the document, by its name."""
    def check(value, name):
        jsonschema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        ).validate(value)
    return check


def events(server, path, body):
    """The JSON of each event of a stream."""
    request = urllib.request.Request(
        f"{server.url}/v1{path}", data=json.dumps(body | {"stream": True}).encode(),
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        lines = [line[6:] for line in response.read().decode().splitlines()
                 if line.startswith("data: ")]
    assert len(lines) > 3
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.parametrize("path, schema, body", [
    ("/completions", "Completion", {
        "prompt": "Hello", "max_tokens": 3, "logprobs": 2, "return_token_ids": True,
        "stream_options": {"include_usage": True, "continuous_usage_stats": True}}),
    ("/chat/completions", "ChatCompletionChunk", {
        "messages": MESSAGES, "max_tokens": 3, "logprobs": True, "top_logprobs": 1,
        "stream_options": {"include_usage": True}}),
    ("/chat/completions", "ChatCompletionChunk", {
        "messages": MESSAGES, "max_tokens": 60, "tools": [CHAT_TOOL],
        "tool_choice": "required"}),
    ("/responses", "ResponseEvent", {
        "input": "Hello", "max_output_tokens": 3, "top_logprobs": 2,
        "include": ["message.output_text.logprobs"]}),
    ("/responses", "ResponseEvent", {
        "input": "Hello", "max_output_tokens": 60, "tool_choice": "required",
        "tools": [{"type": "function", "name": "weather", "parameters": WEATHER}]}),
    ("/messages", "MessageEvent", {"messages": MESSAGES, "max_tokens": 3}),
    ("/messages", "MessageEvent", {
        "messages": MESSAGES, "max_tokens": 60, "tool_choice": {"type": "any"},
        "tools": [{"name": "weather", "input_schema": WEATHER}]}),
])
def test_events_conform(server, validate, path, schema, body):
    for event in events(server, path, body):
        validate(event, schema)


def test_schemathesis_finds_nothing(start_server, tmp_path):
    server = start_server(
        "--max-model-len", 256, "--max-num-seqs", 8, "--pooling", "last")
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json",
         "--exclude-path", "/drain", "--phases", "coverage,fuzzing", "--max-examples", "10",
         "--seed", "7", "--generation-deterministic", "--no-shrink", "--continue-on-failure",
         "--request-timeout", "60", "--suppress-health-check", "all",
         "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
         "response_schema_conformance,unsupported_method"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, env=os.environ | {
            "SCHEMATHESIS_HOOKS": "short_answers",
            "PYTHONPATH": str(pathlib.Path(__file__).parent)})
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    assert server.get("/readyz")[0] == 200
