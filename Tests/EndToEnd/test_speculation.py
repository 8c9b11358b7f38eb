"""Tokens guessed by a draft model: the same answers, counted guesses, refusals."""

import json
import os
import subprocess

import pytest

from server import command, free_port

SMALL = ("--max-model-len", 512, "--max-num-seqs", 8, "--num-gpu-blocks", 64)
DEMO = os.environ.get("PUMICE_TEST_MODEL", "")


def config(**fields):
    return ("--speculative-config", json.dumps(fields))


@pytest.fixture(scope="module")
def guessing(start_server):
    """The demo model guesses for itself."""
    return start_server(*SMALL, *config(model=DEMO, num_speculative_tokens=4))


@pytest.mark.parametrize("sampling", [{"temperature": 0}, {"temperature": 0.9, "seed": 11}])
def test_answers_are_those_without_guesses(client, model, guessing, sampling):
    def answer(client):
        choice = client.completions.create(
            model=model, prompt="Once upon a time", max_tokens=40, logprobs=2,
            extra_body={"ignore_eos": True}, **sampling).choices[0]
        return choice.text, choice.logprobs.token_logprobs, choice.finish_reason

    expected = answer(client)
    guesses = guessing.metric("vllm:spec_decode_num_draft_tokens_total")
    right = guessing.metric("vllm:spec_decode_num_accepted_tokens_total")
    assert answer(guessing.client()) == expected
    guesses = guessing.metric("vllm:spec_decode_num_draft_tokens_total") - guesses
    right = guessing.metric("vllm:spec_decode_num_accepted_tokens_total") - right
    assert guesses == right >= 30
    assert guessing.metric("vllm:spec_decode_num_accepted_tokens_per_pos_total", position=3) > 0


def test_a_stop_string_ends_where_it_ends_without(client, model, guessing):
    # What follows the stop string was guessed and computed already.
    def answer(client):
        return client.completions.create(
            model=model, prompt="One, two, three,", max_tokens=40, temperature=0, stop=[" six"],
        ).choices[0]

    expected, found = answer(client), answer(guessing.client())
    assert (found.text, found.finish_reason) == (expected.text, expected.finish_reason)
    guessing.wait_until_idle()


def test_requests_with_rules_and_grammars_are_answered_beside(client, model, guessing):
    def answers(client):
        penalised = client.completions.create(
            model=model, prompt="One, two, three,", max_tokens=12, temperature=0,
            frequency_penalty=1)
        chosen = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Is water wet?"}], temperature=0,
            extra_body={"structured_outputs": {"choice": ["yes", "no"]}})
        return penalised.choices[0].text, chosen.choices[0].message.content

    assert answers(guessing.client()) == answers(client)


def test_the_ready_line_names_the_draft_model(guessing):
    assert f"up to 4 tokens guessed by {os.path.basename(DEMO)}" in guessing.log


@pytest.mark.parametrize("fields, sentence", [
    ({"num_speculative_tokens": 4}, "known are ngram and draft_model"),
    ({"method": "eagle", "model": "x", "num_speculative_tokens": 4}, "known are ngram and draft"),
    ({"method": "draft_model", "num_speculative_tokens": 4}, "draft_model needs a model"),
    ({"method": "ngram", "model": "x", "num_speculative_tokens": 4}, "ngram takes no model"),
    ({"model": "x", "num_speculative_tokens": 17}, "it must be in 1...16"),
    ({"model": "x", "num_speculative_tokens": 1, "prompt_lookup_min": 2}, "looks nothing up"),
])
def test_what_makes_no_sense_is_refused(fields, sentence):
    result = subprocess.run(
        command(free_port(), *config(**fields)), capture_output=True, text=True, timeout=60)
    assert result.returncode != 0 and sentence in result.stderr, result.stderr


def test_another_vocabulary_is_refused(tmp_path):
    with open(DEMO, "rb") as file:
        content = bytearray(file.read())
    place = content.index("Ġbecause".encode()) + len("Ġ".encode())
    content[place] = ord("x")
    other = tmp_path / "other.gguf"
    other.write_bytes(content)
    flags = config(model=str(other), num_speculative_tokens=4)
    result = subprocess.run(
        command(free_port(), *SMALL, *flags), capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert "Ġxecause" in result.stderr and "must have the model's own vocabulary" in result.stderr
