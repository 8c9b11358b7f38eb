"""A folder in Hugging Face's layout, served."""

import os
import subprocess

import pytest

import tiny_folder
from server import MODEL_NAME, Server

FLAGS = ("--max-model-len", 128, "--num-gpu-blocks", 16, "--max-num-seqs", 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny-qwen3"
    tiny_folder.write(folder, "qwen3", temperature=0, max_new_tokens=7, eos_token_id=[2])
    return folder


@pytest.fixture(scope="module")
def folder_server(folder, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("folder") / "log", *FLAGS, model=folder)
    yield server.wait_until_ready()
    server.stop()


def test_logprobs_are_those_of_transformers(folder_server):
    reference = tiny_folder.reference("qwen3")
    answer = folder_server.client().completions.create(
        model=MODEL_NAME, prompt=reference["prompt"], max_tokens=0, echo=True, logprobs=0)
    found = answer.choices[0].logprobs.token_logprobs[1:]
    expected = [position["next"] for position in reference["positions"][:-1]]
    assert len(found) == len(expected)
    assert max(abs(a - b) for a, b in zip(found, expected)) < 0.01


def test_the_folders_template_and_tokenizer_are_used(folder_server):
    answer = folder_server.client().chat.completions.create(
        model=MODEL_NAME, messages=[{"role": "user", "content": "Hi"}],
        extra_body={"return_token_ids": True, "ignore_eos": True})
    vocabulary = tiny_folder.tokenizer()["model"]["vocab"]
    marks = {" ": "\u0120", "\n": "\u010a"}
    spelled = [vocabulary[marks.get(c, c)] for c in "user: Hi\nassistant:"]
    assert answer.prompt_token_ids == [tiny_folder.BOS, *spelled]


def test_sampling_fields_left_out_are_as_the_makers_say(folder_server, folder, tmp_path):
    def texts(server):
        client = server.client()
        answers = [
            client.completions.create(
                model=MODEL_NAME, prompt="Once upon", extra_body={"ignore_eos": True})
            for _ in range(3)]
        assert len({answer.usage.completion_tokens for answer in answers}) == 1
        return answers[0].usage.completion_tokens, {answer.choices[0].text for answer in answers}

    count, greedy = texts(folder_server)
    assert count == 7 and len(greedy) == 1
    server = Server(
        tmp_path / "log", *FLAGS, "--generation-config", "vllm", "--quantization", "q8_0",
        model=folder)
    count, sampled = texts(server.wait_until_ready())
    server.stop()
    assert count == 16 and len(sampled) > 1
    assert "Quantising matrices as they are loaded: 23 to Q8_0" in server.log


def test_what_is_in_a_folder_is_shown(folder):
    shown = subprocess.run(
        [os.environ["PUMICE_BINARY"], "inspect", "--tensors", str(folder)],
        capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert "general.architecture = qwen3" in shown.stdout
    assert "model.layers.0.self_attn.q_norm.weight F32 [32]" in shown.stdout


def test_what_quantising_makes_of_a_folder_is_counted(folder):
    def inspect(quantization):
        return subprocess.run(
            [os.environ["PUMICE_BINARY"], "inspect", "--quantization", quantization, str(folder)],
            capture_output=True, text=True)

    shown = inspect("q8_0")
    assert shown.returncode == 0, shown.stderr
    assert "  Q8_0     23 tensors" in shown.stdout
    refused = inspect("awq")
    assert refused.returncode != 0
    assert "it must be q8_0, q6_k or q4_k" in refused.stderr


def test_an_architecture_that_is_not_supported_ends_the_server(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).symlink_to(file)
    (other / "config.json").unlink()
    (other / "config.json").write_text('{"model_type": "mamba"}')
    server = Server(tmp_path / "log", *FLAGS, model=other)
    assert server.process.wait(60) != 0
    assert "`mamba` is not supported. Supported: llama, mistral, qwen2" in server.log
