"""Thousands of bodies without sense: each is answered or refused, none is the server's fault."""

import http.client
import json
import random

PATHS = [
    "/v1/completions", "/v1/chat/completions", "/v1/responses", "/v1/messages",
    "/v1/messages/count_tokens", "/v1/embeddings", "/tokenize", "/detokenize"]
BODIES = [
    {"prompt": "a", "max_tokens": 1, "temperature": 1.0, "stop": ["x"], "logit_bias": {"5": 1}},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}], "max_tokens": 1,
     "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
     "tool_choice": "none", "response_format": {"type": "text"}},
    {"input": [{"role": "user", "content": "a"},
               {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
               {"type": "function_call_output", "call_id": "c", "output": "o"}],
     "max_output_tokens": 1, "text": {"format": {"type": "text"}}, "include": [],
     "reasoning": {"effort": "low"}, "metadata": {"k": "v"}},
    {"system": [{"type": "text", "text": "s"}], "max_tokens": 1, "messages": [
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}],
     "tools": [{"name": "f", "input_schema": {"type": "object"}}],
     "tool_choice": {"type": "auto"}},
    {"tokens": [1, 2, 3]},
    {"prompt": "a", "add_special_tokens": True, "return_token_strs": True},
]
VALUES = [
    None, True, False, 0, -1, 2**63, -2**63, 10**30, 0.5, 1e308, "", "a", "\0", "\ud83c\udf0b",
    "none", [], {}, [[]], [None], ["a", 1], {"type": "x"}, {"": None}, [[[[[[]]]]]], "x" * 5000]


def mutate(value, draw):
    """`value` with something in it replaced, taken out or added."""
    if isinstance(value, dict) and value and draw.random() < 0.8:
        key = draw.choice(list(value))
        if draw.random() < 0.2:
            return {name: inner for name, inner in value.items() if name != key}
        return value | {key: mutate(value[key], draw)}
    if isinstance(value, list) and value and draw.random() < 0.7:
        index = draw.randrange(len(value))
        return value[:index] + [mutate(value[index], draw)] + value[index + draw.randrange(2):]
    return draw.choice(VALUES)


def garble(text, draw):
    """`text` as bytes, at times with some of them wrong."""
    data = bytearray(text.encode())
    if draw.random() < 0.2:
        for _ in range(draw.randrange(1, 4)):
            data[draw.randrange(len(data))] = draw.randrange(256)
    return bytes(data[:draw.randrange(len(data))] if draw.random() < 0.05 else data)


def test_no_body_is_the_servers_fault(server):
    draw = random.Random(5)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    counts = {}
    for number in range(4000):
        body = draw.choice(BODIES)
        for _ in range(draw.randrange(1, 4)):
            body = mutate(body, draw)
        # An answer is fine, but 2,000 tokens of it are not what is tested here.
        if isinstance(body, dict):
            for name in ("max_tokens", "max_output_tokens", "max_completion_tokens"):
                if body.get(name) is None or type(body[name]) in (int, float) and body[name] > 1:
                    body = body | {name: 1}
        data = garble(json.dumps(body), draw)
        path = draw.choice(PATHS)
        connection.request("POST", path, data, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        counts[answer.status] = counts.get(answer.status, 0) + 1
        assert answer.status in (200, 400, 404), (path, data, text)
        if answer.status != 200:
            assert json.loads(text)["error"]["message"], (path, data)
    connection.close()
    assert counts[400] > 1000 and counts[200] > 100, counts
    assert server.get("/readyz")[0] == 200
