import json

import openai
import pydantic
import pytest

TOOL = {"type": "function", "name": "get_weather", "description": "The weather in a city",
        "strict": True, "parameters": {
            "type": "object", "properties": {"city": {"type": "string", "maxLength": 20}},
            "required": ["city"], "additionalProperties": False}}


def test_a_text_is_answered(client, model):
    answer = client.responses.create(
        model=model, input="What is the capital of France?", instructions="Be brief.",
        max_output_tokens=24, temperature=0)
    assert "Paris" in answer.output_text
    assert answer.status in ("completed", "incomplete")
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_a_stream_adds_up_to_the_answer(client, model):
    ask = dict(
        model=model, input="What is the capital of France?", max_output_tokens=64, temperature=0)
    whole = client.responses.create(**ask)
    with client.responses.stream(**ask) as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert "".join(deltas) == whole.output_text == final.output_text
    assert len(deltas) > 3
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_a_call_and_its_result(client, model):
    question = [{"role": "user", "content": "What is the weather in Rome?"}]
    first = client.responses.create(
        model=model, input=question, tools=[TOOL], tool_choice="required",
        parallel_tool_calls=False, max_output_tokens=100, temperature=0)
    [call] = [item for item in first.output if item.type == "function_call"]
    assert set(json.loads(call.arguments)) == {"city"}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "Sunny"}
    second = client.responses.create(
        model=model, input=question + first.output + [result], tools=[TOOL],
        max_output_tokens=8, temperature=0)
    assert second.output
    with client.responses.stream(
            model=model, input=question, tools=[TOOL], parallel_tool_calls=False,
            tool_choice={"type": "function", "name": "get_weather"}, max_output_tokens=100,
            temperature=0) as stream:
        done = [event for event in stream
                if event.type == "response.function_call_arguments.done"]
    assert set(json.loads(done[0].arguments)) == {"city"}


def test_a_model_of_pydantic_is_filled(client, model):
    class City(pydantic.BaseModel):
        name: str = pydantic.Field(max_length=20)
        population: int = pydantic.Field(ge=0, le=100_000_000)

    answer = client.responses.parse(
        model=model, input="Describe Rome.", text_format=City, max_output_tokens=100,
        temperature=0)
    assert isinstance(answer.output_parsed, City)


def test_what_needs_a_store_is_refused(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=model, input="a", previous_response_id="resp_1")
    assert caught.value.param == "previous_response_id"
    with pytest.raises(openai.NotFoundError) as caught:
        client.responses.retrieve("resp_1")
    assert "stores no responses" in caught.value.message
