import pytest


@pytest.mark.smoke
def test_a_text_is_continued(client, model):
    answer = client.completions.create(
        model=model, prompt="The capital of France is", max_tokens=4, temperature=0)
    assert answer.object == "text_completion"
    assert answer.choices[0].text.startswith(" Paris")
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 4


def test_prompts_come_in_four_forms(client, model):
    def complete(prompt):
        answer = client.completions.create(
            model=model, prompt=prompt, max_tokens=4, temperature=0,
            extra_body={"return_token_ids": True})
        return [(choice.prompt_token_ids, choice.text) for choice in answer.choices]

    text = "The capital of France is"
    (ids, continuation), = complete(text)
    assert complete(ids) == [(ids, continuation)]
    assert complete([text, text]) == [(ids, continuation)] * 2
    assert complete([ids, ids]) == [(ids, continuation)] * 2


def test_echo_scores_the_prompt(client, model):
    answer = client.completions.create(
        model=model, prompt="The capital of France is Paris", max_tokens=0, echo=True, logprobs=5)
    choice = answer.choices[0]
    assert choice.text == "The capital of France is Paris"
    logprobs = choice.logprobs
    assert "".join(logprobs.tokens) == choice.text
    assert logprobs.token_logprobs[0] is None
    assert all(value <= 0 for value in logprobs.token_logprobs[1:])
    # " Paris" is nearly certain.
    assert logprobs.token_logprobs[-1] > -1
    assert logprobs.text_offset == [
        len("".join(logprobs.tokens[:index])) for index in range(len(logprobs.tokens))]
    assert all(5 <= len(top) <= 6 for top in logprobs.top_logprobs[1:])


def test_a_stop_string_ends_the_text(client, model):
    ask = dict(model=model, prompt="1, 2, 3, 4, 5, 6, 7,", max_tokens=24, temperature=0)
    whole = client.completions.create(**ask).choices[0].text
    assert " 9" in whole
    answer = client.completions.create(**ask, stop=[", 10", " 9,"])
    choice = answer.choices[0]
    assert choice.text == whole[: whole.index(" 9,")]
    assert choice.finish_reason == "stop"
    assert choice.stop_reason == " 9,"
    kept = client.completions.create(
        **ask, stop=" 9,", extra_body={"include_stop_str_in_output": True})
    assert kept.choices[0].text == choice.text + " 9,"


def test_a_stop_token_ends_the_text(client, model):
    ask = dict(model=model, prompt="1, 2, 3, 4, 5, 6, 7,", max_tokens=24, temperature=0)
    answer = client.completions.create(**ask, extra_body={"return_token_ids": True})
    ids = answer.choices[0].token_ids
    stop = ids[3]
    extra = {"return_token_ids": True, "stop_token_ids": [stop]}
    choice = client.completions.create(**ask, extra_body=extra).choices[0]
    assert choice.token_ids == ids[: ids.index(stop) + 1]
    assert choice.stop_reason == stop
    extra["min_tokens"] = len(choice.token_ids) + 2
    longer = client.completions.create(**ask, extra_body=extra).choices[0]
    assert len(longer.token_ids) >= extra["min_tokens"]


def test_the_models_end_can_be_ignored(client, model):
    # The golden continuation of this prompt ends its turn within 32 tokens.
    ask = dict(model=model, prompt="The capital of France is", max_tokens=32, temperature=0)
    ending = client.completions.create(**ask)
    going_on = client.completions.create(**ask, extra_body={"ignore_eos": True})
    assert going_on.usage.completion_tokens == 32
    assert going_on.choices[0].text.startswith(ending.choices[0].text)


def test_samplers_narrow_the_choice(client, model):
    def draw(**options):
        extra = {"ignore_eos": True} | options.pop("extra", {})
        return client.completions.create(
            model=model, prompt="Once upon a time", max_tokens=8, seed=11, extra_body=extra,
            **options).choices[0].text

    greedy = draw(temperature=0)
    assert draw(temperature=1.8, extra={"top_k": 1}) == greedy
    assert draw(temperature=1.8, top_p=1e-6) == greedy
    assert draw(temperature=1.8, extra={"min_p": 1.0}) == greedy
    assert draw(temperature=1.8) != greedy


def test_a_salt_keeps_prefixes_apart(client, model):
    def cached(salt):
        answer = client.completions.create(
            model=model, prompt="A secret that nobody else may find in the cache. " * 8,
            max_tokens=1, extra_body={"cache_salt": salt})
        return answer.usage.prompt_tokens_details.cached_tokens

    assert cached("one") == 0
    assert cached("one") > 0
    assert cached("two") == 0


def test_models_are_listed_and_retrieved(client, model):
    assert [card.id for card in client.models.list()] == [model]
    assert client.models.retrieve(model).max_model_len == 2048
