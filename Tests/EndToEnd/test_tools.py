import json

import pytest

MESSAGES = [{"role": "user", "content": "What is the weather in Rome?"}]
WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {
        "city": {"type": "string", "maxLength": 20},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["city", "unit"], "additionalProperties": False}}}
CLOCK = {"type": "function", "function": {"name": "now"}}


def ask(client, model, choice, **options):
    return client.chat.completions.create(
        model=model, messages=MESSAGES, tools=[WEATHER, CLOCK], tool_choice=choice,
        max_tokens=200, parallel_tool_calls=False, **options)


def check(call):
    arguments = json.loads(call.function.arguments)
    if call.function.name == "get_weather":
        assert set(arguments) == {"city", "unit"}
        assert arguments["unit"] in ("celsius", "fahrenheit")
    else:
        assert (call.function.name, arguments) == ("now", {})


@pytest.mark.parametrize("temperature", [0, 1.5])
def test_a_required_call_comes(client, model, temperature):
    choice = ask(client, model, "required", temperature=temperature, seed=3).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    [call] = choice.message.tool_calls
    check(call)


def test_a_named_call_comes(client, model):
    named = {"type": "function", "function": {"name": "get_weather"}}
    choice = ask(client, model, named, temperature=0).choices[0]
    assert choice.finish_reason == "stop"
    assert choice.message.tool_calls[0].function.name == "get_weather"
    check(choice.message.tool_calls[0])


def test_a_streamed_call_adds_up(client, model):
    named = {"type": "function", "function": {"name": "get_weather"}}
    whole = ask(client, model, named, temperature=0).choices[0].message.tool_calls[0]
    name, arguments, ids, reason = "", "", [], None
    for chunk in ask(client, model, named, temperature=0, stream=True):
        choice = chunk.choices[0]
        reason = choice.finish_reason or reason
        for call in choice.delta.tool_calls or []:
            assert call.index == 0
            name += call.function.name or ""
            arguments += call.function.arguments or ""
            ids += [call.id] if call.id else []
    assert (name, arguments) == ("get_weather", whole.function.arguments)
    assert len(ids) == 1 and reason == "stop"


def test_a_conversation_with_a_call_goes_on(client, model):
    call = ask(client, model, "required", temperature=0).choices[0].message
    answer = client.chat.completions.create(
        model=model, tools=[WEATHER, CLOCK], max_tokens=8, temperature=0,
        messages=MESSAGES + [call, {
            "role": "tool", "tool_call_id": call.tool_calls[0].id, "content": "Sunny, 25 degrees"}])
    assert answer.choices[0].finish_reason in ("stop", "length", "tool_calls")


def test_no_call_where_none_may_be(client, model):
    choice = ask(client, model, "none", temperature=0).choices[0]
    assert choice.message.tool_calls is None
    assert choice.message.content
