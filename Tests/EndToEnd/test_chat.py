import pytest

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.mark.smoke
def test_a_chat_is_answered(client, model):
    answer = client.chat.completions.create(
        model=model, messages=QUESTION, max_tokens=16, temperature=0)
    assert answer.object == "chat.completion"
    assert answer.id.startswith("chatcmpl-")
    assert answer.model == model
    choice = answer.choices[0]
    assert choice.message.role == "assistant"
    assert "Paris" in choice.message.content
    assert choice.finish_reason in ("stop", "length")
    usage = answer.usage
    assert usage.prompt_tokens > 10
    assert 0 < usage.completion_tokens <= 16
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_greedy_answers_repeat(client, model):
    ask = dict(model=model, messages=QUESTION, max_tokens=12, temperature=0)
    first, second = (client.chat.completions.create(**ask) for _ in range(2))
    assert first.choices[0].message.content == second.choices[0].message.content


def test_a_seed_repeats_and_another_differs(client, model):
    def draw(seed):
        answer = client.chat.completions.create(
            model=model, messages=QUESTION, max_tokens=24, temperature=1.5, seed=seed,
            extra_body={"ignore_eos": True})
        return answer.choices[0].message.content

    assert draw(1) == draw(1)
    assert len({draw(seed) for seed in range(4)}) > 1


def test_text_parts_are_one_message(client, model):
    def prompt_ids(content):
        answer = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": content}], max_tokens=1,
            extra_body={"return_token_ids": True})
        return answer.prompt_token_ids

    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": "there"}]
    assert prompt_ids(parts) == prompt_ids("Hello\nthere")


def test_logprobs_have_openais_shape(client, model):
    answer = client.chat.completions.create(
        model=model, messages=QUESTION, max_tokens=4, temperature=0, logprobs=True,
        top_logprobs=3, extra_body={"ignore_eos": True})
    content = answer.choices[0].logprobs.content
    assert len(content) == 4
    for position in content:
        assert len(position.top_logprobs) == 3
        best = position.top_logprobs[0]
        # Greedy: the token that stands there is the most probable one.
        assert (best.token, best.logprob) == (position.token, position.logprob)
        assert bytes(position.bytes).decode(errors="replace") == position.token
        values = [candidate.logprob for candidate in position.top_logprobs]
        assert values == sorted(values, reverse=True)
        assert all(value <= 0 for value in values)


def test_several_choices_are_drawn_from_one_prompt(client, model):
    answer = client.chat.completions.create(
        model=model, messages=QUESTION, max_tokens=12, temperature=1.2, seed=3, n=3,
        extra_body={"ignore_eos": True})
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) > 1
    assert answer.usage.completion_tokens == 36


def test_the_final_message_can_be_continued(client, model):
    messages = QUESTION + [{"role": "assistant", "content": "The capital of France is"}]
    answer = client.chat.completions.create(
        model=model, messages=messages, max_tokens=4, temperature=0,
        extra_body={"continue_final_message": True, "add_generation_prompt": False})
    assert answer.choices[0].message.content.startswith(" Paris")


def test_a_repeated_prompt_is_found_in_the_prefix_cache(client, model):
    messages = [{"role": "user", "content": "Count the stones on the beach. " * 12}]
    ask = dict(model=model, messages=messages, max_tokens=2, temperature=0)
    first, second = (client.chat.completions.create(**ask) for _ in range(2))
    cached = second.usage.prompt_tokens_details.cached_tokens
    assert cached >= second.usage.prompt_tokens - 32
    assert first.choices[0].message.content == second.choices[0].message.content
