import math

import openai
import pytest


def test_a_server_without_pooling_refuses(client, model):
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=model, input="Hello")
    assert "The model does not support Embeddings API" in caught.value.message


def test_texts_that_say_the_same_are_closer(start_server, model):
    server = start_server("--max-model-len", 512, "--pooling", "mean")
    client = server.client()
    texts = [
        "The cat sat on the mat.", "A cat was sitting on a rug.",
        "Interest rates rose by half a percent in March."]
    answer = client.embeddings.create(model=model, input=texts, encoding_format="float")
    vectors = [item.embedding for item in answer.data]
    assert [item.index for item in answer.data] == [0, 1, 2]
    for vector in vectors:
        assert math.isclose(math.hypot(*vector), 1, rel_tol=1e-5)
    likeness = [sum(a * b for a, b in zip(vectors[0], other)) for other in vectors[1:]]
    assert likeness[0] > likeness[1] + 0.02
    # The client's own default, base64.
    packed = client.embeddings.create(model=model, input=texts[0]).data[0].embedding
    assert len(packed) == len(vectors[0])
    assert all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(packed, vectors[0]))
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > 15
    assert client.completions.create(model=model, prompt="Hello", max_tokens=1).choices
