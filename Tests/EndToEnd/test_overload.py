"""Many more clients than the engine has room for."""

import asyncio

import openai

from server import MODEL_NAME

CLIENT_COUNT = 64
# Prompt and output of a request fill four blocks; the pool holds those of eight requests.
TOKEN_COUNT = 40
BLOCKS_PER_REQUEST = 4
POOL = ("--max-model-len", 256, "--num-gpu-blocks", 8 * BLOCKS_PER_REQUEST, "--block-size", 16,
        "--no-enable-prefix-caching")


def request(index):
    """One of the requests: half of them greedy, half sampled with a seed."""
    return dict(
        model=MODEL_NAME, prompt=f"Here is story number {index} of a long evening by the fire:",
        max_tokens=TOKEN_COUNT, temperature=0 if index % 2 == 0 else 0.8, seed=index,
        extra_body={"ignore_eos": True})


async def stream(client, index):
    """A streamed answer's text and reason, or the refusal."""
    try:
        text, reason = "", None
        async for chunk in await client.completions.create(**request(index), stream=True):
            text += chunk.choices[0].text
            reason = chunk.choices[0].finish_reason or reason
        return text, reason
    except openai.RateLimitError as error:
        return error


async def stream_all(server):
    client = server.async_client()
    return await asyncio.gather(*(stream(client, index) for index in range(CLIENT_COUNT)))


def alone(server, index):
    return server.client().completions.create(**request(index)).choices[0].text


def test_64_streams_over_a_pool_of_8_all_finish(start_server, server):
    small = start_server(*POOL, "--max-num-seqs", 16)
    try:
        answers = asyncio.run(stream_all(small))
        assert all(reason == "length" for _, reason in answers)
        # Every fourth is asked again of a server with room for all, one at a time.
        for index in range(0, CLIENT_COUNT, 4):
            assert answers[index][0] == alone(server, index), index
        assert small.metric("vllm:request_success_total") == CLIENT_COUNT
        small.wait_until_idle()
    finally:
        small.stop()


def test_a_queue_of_4_turns_the_rest_away_and_loses_nobody(start_server, server):
    small = start_server(*POOL, "--max-num-seqs", 8, "--max-num-queued-reqs", 4)
    try:
        answers = asyncio.run(stream_all(small))
        refused = [answer for answer in answers if isinstance(answer, openai.RateLimitError)]
        taken = {
            index: answer for index, answer in enumerate(answers)
            if not isinstance(answer, openai.RateLimitError)}
        # What runs and what may wait is taken at once; more as places become free.
        assert len(taken) >= 12 and refused
        for error in refused:
            assert 1 <= int(error.response.headers["retry-after"]) <= 120
            assert error.code == 429 or error.status_code == 429
        assert all(reason == "length" for _, reason in taken.values())
        for index in list(taken)[:12]:
            assert taken[index][0] == alone(server, index), index
        assert small.metric("vllm:request_success_total") == len(taken)
        assert small.metric(
            "vllm:admission_rejections_total", reason="max_num_queued_reqs") == len(refused)
        small.wait_until_idle()
    finally:
        small.stop()
