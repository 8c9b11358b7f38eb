"""Adapters over the real server: chosen by the model's name, loaded and unloaded while it runs."""

import concurrent.futures
import os
import subprocess

import openai
import pytest

import tiny_folder
from server import MODEL_NAME, Server

FLAGS = ("--max-model-len", 128, "--num-gpu-blocks", 32, "--max-num-seqs", 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapters")
    tiny_folder.write(folder / "model", "llama", eos_token_id=[2])
    tiny_folder.write_adapter(folder / "all", "llama")
    tiny_folder.write_adapter(folder / "some", "llama-qv")
    return folder


@pytest.fixture(scope="module")
def adapted(folder):
    server = Server(
        folder / "log", *FLAGS, "--enable-lora", "--max-loras", 2, "--lora-modules",
        f"all={folder / 'all'}", "--allow-runtime-lora-updating", model=folder / "model")
    yield server.wait_until_ready()
    server.stop()


def difference(client, model, reference):
    """How far a prompt's logprobs are from the reference's."""
    answer = client.completions.create(
        model=model, prompt=reference["prompt"], max_tokens=0, echo=True, logprobs=0)
    assert answer.model == model
    found = answer.choices[0].logprobs.token_logprobs[1:]
    expected = [position["next"] for position in reference["positions"][:-1]]
    return max(abs(a - b) for a, b in zip(found, expected, strict=True))


def post(server, path, **fields):
    return server.client().post(path, body=fields, cast_to=str)


def test_names_choose_adapters_which_come_and_go(adapted, folder):
    client = adapted.client()
    references = {
        MODEL_NAME: tiny_folder.reference("llama"),
        "all": tiny_folder.reference("llama", tiny_folder.ADAPTERS),
        "some": tiny_folder.reference("llama-qv", tiny_folder.ADAPTERS),
    }
    with pytest.raises(openai.NotFoundError, match=f"Valid aliases: {MODEL_NAME}, all"):
        difference(client, "some", references["some"])
    said = post(adapted, "/load_lora_adapter", lora_name="some", lora_path=str(folder / "some"))
    assert said == "Success: LoRA adapter 'some' added successfully."
    cards = {card.id: card.model_dump() for card in client.models.list()}
    assert list(cards) == [MODEL_NAME, "all", "some"]
    assert cards["some"]["parent"] == MODEL_NAME
    assert cards["some"]["root"] == str(folder / "some")
    # All at once, and each as peft has it.
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        found = list(pool.map(
            lambda name: difference(client, name, references[name]), list(references) * 3))
    assert max(found) < 0.01
    assert difference(client, "some", references["all"]) > 0.1
    assert 'vllm:lora_requests_info{max_lora="2"' in adapted.get("/metrics")[1]

    with pytest.raises(openai.BadRequestError, match="There is room for 2 adapters"):
        post(adapted, "/load_lora_adapter", lora_name="more", lora_path=str(folder / "some"))
    with pytest.raises(openai.NotFoundError, match="No adapter found for"):
        post(adapted, "/load_lora_adapter", lora_name="x", lora_path=str(folder / "none"))
    post(adapted, "/unload_lora_adapter", lora_name="some")
    with pytest.raises(openai.NotFoundError):
        difference(client, "some", references["some"])
    post(adapted, "/load_lora_adapter", lora_name="more", lora_path=str(folder / "some"))
    assert difference(client, "more", references["some"]) < 0.01
    assert difference(client, MODEL_NAME, references[MODEL_NAME]) < 0.01


@pytest.mark.parametrize("flags, message", [
    (["--lora-modules", "a=b"], "need --enable-lora"),
    (["--enable-lora", "--lora-modules", "a=b", "c=d"], "--max-loras 1 makes room for 1"),
    (["--enable-lora", "--lora-modules", "a"], "`a` must be name=path"),
    (["--enable-lora", "--lora-modules", '{"name": "a"}'], 'must be like {"name": "sql"'),
    (["--enable-lora", "--max-lora-rank", "1000"], "it must be in 1...256"),
])
def test_flags_that_contradict_each_other_are_refused(flags, message):
    line = [os.environ["PUMICE_BINARY"], "serve", "--model", "none.gguf", *flags]
    found = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert found.returncode != 0 and message in found.stderr


def test_an_adapter_that_is_not_there_ends_the_start(folder, tmp_path):
    server = Server(
        tmp_path / "log", *FLAGS, "--enable-lora", "--lora-modules",
        '{"name": "x", "path": "nowhere"}', model=folder / "model")
    assert server.process.wait(120) != 0
    assert "No adapter found for nowhere" in server.log
