import concurrent.futures
import json
import random

import jsonschema

from random_schema import RandomSchema

SCHEMA_COUNT = 40
CONCURRENCY = 16


def ask(client, model, seed):
    """An answer under a random schema, sampled at random: the schema, how it was sampled, and the
    choice."""
    schema = RandomSchema(seed).document()
    chance = random.Random(seed)
    sampling = {"temperature": round(chance.uniform(0, 2), 2),
                "top_p": round(chance.uniform(0.05, 1), 2), "seed": seed}
    if chance.random() < 0.3:
        sampling |= {"frequency_penalty": 1.5}
    answer = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Write some JSON."}], max_tokens=120,
        response_format={"type": "json_schema",
                         "json_schema": {"name": "x", "strict": True, "schema": schema}},
        extra_body={"top_k": chance.choice([0, 5, 50])}, **sampling)
    return schema, sampling, answer.choices[0]


def test_whatever_ends_satisfies_its_schema(client, model):
    with concurrent.futures.ThreadPoolExecutor(CONCURRENCY) as pool:
        answers = list(pool.map(lambda seed: ask(client, model, seed), range(SCHEMA_COUNT)))
    ended = 0
    for schema, sampling, choice in answers:
        if choice.finish_reason != "stop":
            assert choice.finish_reason == "length"
            continue
        ended += 1
        text = choice.message.content
        try:
            jsonschema.validate(json.loads(text), schema, cls=jsonschema.Draft202012Validator,
                                format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        except (ValueError, jsonschema.ValidationError) as error:
            raise AssertionError(f"{text!r} of {sampling} under {schema}") from error
    assert ended >= SCHEMA_COUNT * 3 // 4, f"only {ended} of {SCHEMA_COUNT} answers ended"
