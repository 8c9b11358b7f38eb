import collections
import concurrent.futures
import math

import openai
import pytest

PROMPT = "A list of the same words again and again: red, blue, red, blue, red, blue,"


@pytest.fixture
def complete(client, model):
    """The only choice of a completion; `extra` are the fields the SDK does not know."""

    def complete(prompt=PROMPT, extra=None, **options):
        options = {"max_tokens": 32, "temperature": 0} | options
        extra = {"ignore_eos": True, "return_token_ids": True} | (extra or {})
        answer = client.completions.create(model=model, prompt=prompt, extra_body=extra, **options)
        return answer.choices[0]

    return complete


def most_common_count(choice):
    return collections.Counter(choice.token_ids).most_common(1)[0][1]


@pytest.mark.smoke
def test_penalties_make_tokens_rarer(complete):
    plain = complete()
    assert most_common_count(plain) > 8
    for penalised in [
        complete(frequency_penalty=2), complete(presence_penalty=2),
        complete(extra={"repetition_penalty": 1.5}),
    ]:
        assert most_common_count(penalised) < most_common_count(plain)
        assert len(set(penalised.token_ids)) > len(set(plain.token_ids))
    # A negative penalty rewards what was said.
    assert len(set(complete(frequency_penalty=-2).token_ids)) <= len(set(plain.token_ids))


@pytest.mark.smoke
def test_a_bias_of_a_hundred_forces_a_token_and_of_minus_a_hundred_bans_it(complete):
    plain = complete()
    assert complete(logit_bias={"777": 100}).token_ids == [777] * 32
    first = plain.token_ids[0]
    assert first not in complete(logit_bias={str(first): -100}).token_ids


def test_only_allowed_tokens_come(complete):
    allowed = [260, 28, 33, 282, 41000]
    choice = complete(extra={"allowed_token_ids": allowed}, temperature=1.5, seed=5)
    assert set(choice.token_ids) <= set(allowed)
    assert len(set(choice.token_ids)) > 1


def test_bad_words_do_not_come(complete):
    assert "red" in complete().text
    without = complete(extra={"bad_words": ["red"]}).text
    assert "red" not in without and "blue" in without


def test_constraints_that_leave_nothing_are_refused(client, model):
    with pytest.raises(openai.BadRequestError, match="leave no token"):
        client.completions.create(
            model=model, prompt="a", max_tokens=4,
            extra_body={
                "allowed_token_ids": [5], "stop_token_ids": [5], "min_tokens": 2})
    # And the server goes on.
    assert client.completions.create(model=model, prompt="a", max_tokens=1).choices[0].text


def test_the_model_may_not_end_before_min_tokens(client, model):
    ask = dict(
        model=model, messages=[{"role": "user", "content": "Say only: yes"}], temperature=0,
        max_tokens=24)
    plain = client.chat.completions.create(**ask)
    assert plain.choices[0].finish_reason == "stop"
    count = plain.usage.completion_tokens
    longer = client.chat.completions.create(**ask, extra_body={"min_tokens": count + 3})
    assert longer.usage.completion_tokens > count + 2


def test_logprobs_add_up_to_the_prompts_own(complete):
    generated = complete(logprobs=5, max_tokens=8)
    logprobs = generated.logprobs
    assert "".join(logprobs.tokens) == generated.text
    assert all(value == max(top.values()) for value, top in zip(
        logprobs.token_logprobs, logprobs.top_logprobs))
    assert all(math.fsum(map(math.exp, top.values())) <= 1 + 1e-5
               for top in logprobs.top_logprobs)
    # The same text as a prompt has the same logprobs.
    scored = complete(PROMPT + generated.text, max_tokens=0, echo=True, logprobs=5)
    tail = scored.logprobs.token_logprobs[-8:]
    assert tail == pytest.approx(logprobs.token_logprobs, abs=1e-3)
    assert math.fsum(tail) == pytest.approx(math.fsum(logprobs.token_logprobs), abs=1e-3)


def test_prompt_logprobs_name_ranks_and_tokens(complete, client, model):
    positions = complete(extra={"prompt_logprobs": 3}, max_tokens=1).prompt_logprobs
    assert positions[0] is None
    for position in positions[1:]:
        assert {1, 2, 3} <= {entry["rank"] for entry in position.values()}
        assert len(position) in (3, 4)
        ranked = sorted(position.values(), key=lambda entry: entry["rank"])
        assert ranked == sorted(ranked, key=lambda entry: -entry["logprob"])
    # The pattern is predictable by its end: " blue" after " red,".
    assert any(entry["decoded_token"] == " blue" and entry["rank"] == 1
               for entry in positions[-2].values())
    chat = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Hi"}], max_tokens=1,
        extra_body={"prompt_logprobs": 0})
    assert len(chat.prompt_logprobs) == chat.usage.prompt_tokens
    assert all(len(position) == 1 for position in chat.prompt_logprobs[1:])


def test_chat_logprobs_do_not_see_the_rules(client, model):
    ask = dict(
        model=model, messages=[{"role": "user", "content": "Count to ten."}], temperature=0,
        max_tokens=3, logprobs=True, top_logprobs=4)
    plain = client.chat.completions.create(**ask).choices[0].logprobs.content[0]
    forced = client.chat.completions.create(
        **ask, logit_bias={"777": 100}).choices[0].logprobs.content[0]
    assert forced.token != plain.token
    assert forced.top_logprobs == plain.top_logprobs
    assert forced.logprob < plain.top_logprobs[3].logprob


def test_a_seed_gives_the_same_text_alone_and_in_a_crowd(complete):
    def draw(seed):
        return complete(
            "Once upon a time", temperature=1.1, top_p=0.95, seed=seed, frequency_penalty=0.3,
            extra={"top_k": 60, "repetition_penalty": 1.1}).token_ids

    alone = {seed: draw(seed) for seed in range(3)}
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        crowd = list(pool.map(lambda number: (number % 6, draw(number % 6)), range(24)))
    for seed, tokens in crowd:
        if seed in alone:
            assert tokens == alone[seed]
    assert len({tuple(tokens) for _, tokens in crowd}) == 6


def test_a_stop_string_is_found_across_token_borders(complete):
    whole = complete(max_tokens=24)
    # From the middle of one token to the middle of a later one.
    start = len(whole.text) // 2
    stop = whole.text[start : start + 7]
    cut = complete(max_tokens=24, stop=[stop] + [f"never {number}" for number in range(15)])
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert cut.stop_reason == stop


def test_a_long_prompt_can_be_cut(client, model):
    answer = client.completions.create(
        model=model, prompt="word " * 5000, max_tokens=4,
        extra_body={"truncate_prompt_tokens": 50})
    assert answer.usage.prompt_tokens == 50
