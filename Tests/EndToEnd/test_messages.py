"""Anthropic's own client against the server."""

import anthropic
import pytest

# Newer versions of the client have no parameter for it.
GREEDY = {"extra_body": {"temperature": 0}}
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
TOOL = {"name": "get_weather", "description": "The weather in a city", "input_schema": {
    "type": "object", "properties": {"city": {"type": "string", "maxLength": 20}},
    "required": ["city"], "additionalProperties": False}}


@pytest.fixture(scope="module")
def claude(server):
    return anthropic.Anthropic(
        base_url=server.url, api_key="none", max_retries=0, timeout=300)


def test_a_message_is_answered(claude, model):
    answer = claude.messages.create(
        model=model, system="Be brief.", messages=QUESTION, max_tokens=24, **GREEDY)
    assert "Paris" in answer.content[0].text
    assert answer.stop_reason in ("end_turn", "max_tokens")
    counted = claude.messages.count_tokens(model=model, system="Be brief.", messages=QUESTION)
    usage = answer.usage
    assert counted.input_tokens == usage.input_tokens + usage.cache_read_input_tokens


def test_a_stream_adds_up_to_the_answer(claude, model):
    ask = dict(model=model, messages=QUESTION, max_tokens=12, **GREEDY)
    whole = claude.messages.create(**ask)
    with claude.messages.stream(**ask) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text == final.content[0].text
    assert final.stop_reason == whole.stop_reason
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_a_call_and_its_result(claude, model):
    question = [{"role": "user", "content": "What is the weather in Rome?"}]
    ask = dict(model=model, messages=question, tools=[TOOL], max_tokens=100, **GREEDY,
               tool_choice={"type": "tool", "name": "get_weather"})
    first = claude.messages.create(**ask)
    assert first.stop_reason == "tool_use"
    [call] = [block for block in first.content if block.type == "tool_use"]
    assert set(call.input) == {"city"}
    with claude.messages.stream(**ask) as stream:
        assert stream.get_final_message().content[0].input == call.input
    second = claude.messages.create(
        model=model, tools=[TOOL], max_tokens=8, **GREEDY, messages=question + [
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": call.id, "content": "Sunny"}]}])
    assert second.type == "message"


def test_a_stop_sequence_is_named(claude, model):
    answer = claude.messages.create(
        model=model, max_tokens=24, **GREEDY, stop_sequences=["Paris"], messages=QUESTION)
    assert (answer.stop_reason, answer.stop_sequence) == ("stop_sequence", "Paris")


def test_errors_are_the_clients_own(claude):
    with pytest.raises(anthropic.NotFoundError) as caught:
        claude.messages.create(model="claude-x", messages=QUESTION, max_tokens=1)
    assert caught.value.body["error"]["type"] == "not_found_error"
    with pytest.raises(anthropic.BadRequestError) as caught:
        claude.messages.create(model="smol", messages=[], max_tokens=1)
    assert "at least one message" in str(caught.value)
