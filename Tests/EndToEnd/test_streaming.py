import asyncio
import time

import pytest

from server import MODEL_NAME

STREAM_COUNT = 16
TOKEN_COUNT = 40
SUBJECTS = [
    "volcano", "river", "mountain", "harbour", "forest", "desert", "glacier", "island", "meadow",
    "canyon", "lagoon", "valley", "prairie", "cave", "waterfall", "reef",
]


def request(index):
    """One of the concurrent requests: half of them greedy, half sampled with a seed."""
    return dict(
        model=MODEL_NAME, max_tokens=TOKEN_COUNT,
        messages=[{"role": "user", "content": f"Describe a {SUBJECTS[index]} in one sentence."}],
        temperature=0 if index % 2 == 0 else 0.8, seed=index, extra_body={"ignore_eos": True})


async def stream(client, index):
    """A streamed answer: its text, its token count, and how many chunks had text."""
    chunks = await client.chat.completions.create(
        **request(index), stream=True, stream_options={"include_usage": True})
    text, usage, count = "", None, 0
    async for chunk in chunks:
        if chunk.usage:
            usage = chunk.usage
        if chunk.choices and chunk.choices[0].delta.content:
            text += chunk.choices[0].delta.content
            count += 1
    return text, usage.completion_tokens, count


async def stream_all(server):
    client = server.async_client()
    return await asyncio.gather(*(stream(client, index) for index in range(STREAM_COUNT)))


@pytest.fixture(scope="module")
def alone(server):
    """What each request returns when nothing else runs, and not streamed."""
    client = server.client()
    return [
        client.chat.completions.create(**request(index)).choices[0].message.content
        for index in range(STREAM_COUNT)]


@pytest.mark.smoke
def test_a_stream_begins_with_the_role_and_ends_with_the_reason(client, model):
    chunks = list(client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Say hello."}], max_tokens=8,
        temperature=0, stream=True, stream_options={"include_usage": True}))
    first, last, usage = chunks[0], chunks[-2], chunks[-1]
    assert first.choices[0].delta.role == "assistant"
    assert first.choices[0].delta.content == ""
    assert last.choices[0].finish_reason in ("stop", "length")
    assert usage.choices == []
    assert usage.usage.total_tokens == usage.usage.prompt_tokens + usage.usage.completion_tokens
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_text_comes_while_it_is_generated(client, model):
    begin = time.monotonic()
    times = [
        time.monotonic() - begin for chunk in client.completions.create(
            model=model, prompt="Once upon a time", max_tokens=24, temperature=0, stream=True,
            extra_body={"ignore_eos": True}) if chunk.choices[0].text]
    assert len(times) >= 12
    # Text that came in one piece would come at one time.
    assert times[0] < times[-1] / 2


def test_several_choices_stream_with_their_index(client, model):
    ask = dict(
        model=model, prompt=["One, two,", "A, B,"], max_tokens=6, temperature=0,
        extra_body={"ignore_eos": True})
    texts = {0: "", 1: ""}
    for chunk in client.completions.create(**ask, stream=True):
        texts[chunk.choices[0].index] += chunk.choices[0].text
    whole = client.completions.create(**ask)
    assert texts == {choice.index: choice.text for choice in whole.choices}


def test_concurrent_streams_return_what_each_returns_alone(server, alone):
    results = asyncio.run(stream_all(server))
    for index, (text, token_count, chunk_count) in enumerate(results):
        assert text == alone[index], SUBJECTS[index]
        assert token_count == TOKEN_COUNT
        assert chunk_count > TOKEN_COUNT / 2
    server.wait_until_idle()


def test_preempted_streams_return_what_each_returns_alone(start_server, alone):
    # Each request grows to five blocks; the pool holds not a third of what all of them need.
    server = start_server(
        "--max-model-len", 256, "--max-num-seqs", STREAM_COUNT, "--num-gpu-blocks", 24,
        "--block-size", 16)
    try:
        before = server.metric("vllm:num_preemptions_total")
        results = asyncio.run(stream_all(server))
        assert [text for text, _, _ in results] == alone
        assert server.metric("vllm:num_preemptions_total") > before
        server.wait_until_idle()
        assert server.metric("pumice_kv_blocks") == 24
    finally:
        server.stop()
