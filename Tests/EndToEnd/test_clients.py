"""Programs of others, unchanged, against the server: each does once what people use it for."""

import asyncio
import os
import subprocess
import sys

import pydantic

QUESTION = "What is the capital of France?"
MESSAGES = [{"role": "user", "content": QUESTION}]


class City(pydantic.BaseModel):
    name: str = pydantic.Field(max_length=20)
    population: int = pydantic.Field(ge=0, le=100_000_000)


def test_openai_parses_into_pydantic(client, model):
    answer = client.chat.completions.parse(
        model=model, messages=[{"role": "user", "content": "Describe Rome."}],
        response_format=City, max_tokens=100, temperature=0)
    assert isinstance(answer.choices[0].message.parsed, City)


def test_openai_streams_and_asks_at_once(server, model):
    async def ask(number):
        stream = await client.chat.completions.create(
            model=model, messages=MESSAGES, max_tokens=8, temperature=0, seed=number, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def ask_all():
        async with client:
            return await asyncio.gather(*[ask(number) for number in range(4)])

    client = server.async_client()
    answers = asyncio.run(ask_all())
    assert len(set(answers)) == 1 and answers[0]


def test_langchain_streams_calls_and_structures(server, model):
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(
        base_url=server.url + "/v1", api_key="none", model=model, max_retries=0, temperature=0,
        max_completion_tokens=100)
    assert "Paris" in chat.invoke(QUESTION).content
    assert "Paris" in "".join(chunk.content for chunk in chat.stream(QUESTION))
    called = chat.bind_tools([City], tool_choice="City").invoke("Describe Rome.")
    assert called.tool_calls[0]["name"] == "City"
    assert isinstance(
        chat.with_structured_output(City, method="json_schema").invoke("Describe Rome."), City)


def test_litellm_speaks_both_apis(server, model, monkeypatch):
    # Its prices would be fetched.
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    ask = dict(messages=MESSAGES, api_key="none", max_tokens=24, temperature=0, num_retries=0)
    answer = litellm.completion(
        model=f"hosted_vllm/{model}", api_base=server.url + "/v1", **ask)
    assert "Paris" in answer.choices[0].message.content
    stream = litellm.completion(
        model=f"openai/{model}", api_base=server.url + "/v1", stream=True, **ask)
    assert "Paris" in "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    answer = litellm.completion(model=f"anthropic/{model}", api_base=server.url, **ask)
    assert "Paris" in answer.choices[0].message.content


def test_llm_answers_on_the_command_line(server, model, tmp_path):
    (tmp_path / "extra-openai-models.yaml").write_text(
        f"- model_id: pumice\n  model_name: {model}\n  api_base: {server.url}/v1\n")
    run = subprocess.run(
        [sys.executable, "-m", "llm", "prompt", "-m", "pumice", "-o", "temperature", "0",
         "-o", "max_tokens", "24", QUESTION],
        env=os.environ | {"LLM_USER_PATH": str(tmp_path), "OPENAI_API_KEY": "none"},
        capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert "Paris" in run.stdout
