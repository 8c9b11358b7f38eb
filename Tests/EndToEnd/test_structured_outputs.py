import concurrent.futures
import json
import re

import jsonschema
import openai
import pydantic
import pytest

MESSAGES = [{"role": "user", "content": "Describe a person who lives in Rome."}]

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "age": {"type": "integer", "minimum": 0, "maximum": 130},
        "born": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"enum": ["kind", "tall", "old"]}, "maxItems": 3},
        "height": {"type": "number", "minimum": 0.5, "exclusiveMaximum": 2.5},
        "partner": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/short"}]},
    },
    "required": ["name", "age", "born", "tags", "height", "partner"],
    "additionalProperties": False,
    "$defs": {"short": {"type": "object", "properties": {"id": {"pattern": "^[A-Z]{3}$"}},
                        "required": ["id"], "additionalProperties": False}},
}


def ask(client, model, response_format=None, extra=None, **options):
    options = {"max_tokens": 400, "temperature": 0} | options
    if response_format:
        options["response_format"] = response_format
    answer = client.chat.completions.create(
        model=model, messages=MESSAGES, extra_body=extra, **options)
    return answer.choices


def by_schema(schema):
    return {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}


@pytest.mark.smoke
@pytest.mark.parametrize("options", [
    {"temperature": 0}, {"temperature": 1, "seed": 1}, {"temperature": 2, "top_p": 0.9, "seed": 2},
])
def test_an_answer_satisfies_its_schema(client, model, options):
    [choice] = ask(client, model, by_schema(SCHEMA), **options)
    assert choice.finish_reason == "stop"
    jsonschema.validate(
        json.loads(choice.message.content), SCHEMA,
        format_checker=jsonschema.FormatChecker())


def test_choices_keep_to_the_schema_each_on_its_own(client, model):
    choices = ask(client, model, by_schema(SCHEMA), n=3, temperature=1.5, seed=7)
    texts = [choice.message.content for choice in choices]
    assert len(set(texts)) > 1
    for text in texts:
        jsonschema.validate(json.loads(text), SCHEMA)


def test_pydantic_models_are_parsed(client, model):
    class Person(pydantic.BaseModel):
        name: str = pydantic.Field(max_length=30)
        age: int
        likes_cats: bool

    answer = client.chat.completions.parse(
        model=model, messages=MESSAGES, response_format=Person, max_tokens=200, temperature=0)
    assert isinstance(answer.choices[0].message.parsed, Person)


def test_any_object(client, model):
    [choice] = ask(client, model, {"type": "json_object"}, max_tokens=64)
    assert choice.message.content.startswith("{")
    if choice.finish_reason == "stop":
        assert isinstance(json.loads(choice.message.content), dict)


def test_an_answer_that_is_cut_is_a_prefix(client, model):
    [whole] = ask(client, model, by_schema(SCHEMA))
    [cut] = ask(client, model, by_schema(SCHEMA), max_tokens=9)
    assert cut.finish_reason == "length"
    assert whole.message.content.startswith(cut.message.content)


@pytest.mark.parametrize("outputs, pattern", [
    ({"choice": ["positive", "negative"]}, "positive|negative"),
    ({"regex": r"[0-9]{3}-[a-z]{2}"}, r"[0-9]{3}-[a-z]{2}"),
    (
        {"grammar": 'root ::= "SELECT " [a-z]{1,8} " FROM " ("t" | "u")'},
        "SELECT [a-z]{1,8} FROM [tu]",
    ),
])
def test_the_forms_of_vllm(client, model, outputs, pattern):
    for seed in range(3):
        extra = {"structured_outputs": outputs}
        [choice] = ask(client, model, extra=extra, temperature=1, seed=seed)
        assert re.fullmatch(pattern, choice.message.content)
        assert choice.finish_reason == "stop"


def test_constrained_and_free_requests_share_the_engine(client, model):
    free = dict(model=model, prompt="Once upon a time", max_tokens=24, temperature=0)
    alone = client.completions.create(**free).choices[0].text
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bound = [pool.submit(ask, client, model, by_schema(SCHEMA), temperature=1, seed=seed)
                 for seed in range(4)]
        unbound = [pool.submit(client.completions.create, **free) for _ in range(4)]
        for future in bound:
            jsonschema.validate(json.loads(future.result()[0].message.content), SCHEMA)
        for future in unbound:
            assert future.result().choices[0].text == alone


def test_what_cannot_be_enforced_is_refused(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, model, by_schema({"not": {"type": "string"}}))
    assert caught.value.param == "response_format"
    assert "'not' cannot be enforced" in caught.value.message
