"""A model whose layers are split over devices, which here are one device opened twice."""

import json
import os
import subprocess

import openai

from server import MODEL_NAME, Server, command, free_port

PROMPT = "One, two, three,"


def run(*arguments):
    return subprocess.run(
        [os.environ["PUMICE_BINARY"], *map(str, arguments)], capture_output=True, text=True,
        timeout=120)


def test_two_devices_say_what_one_says(client, model, tmp_path):
    def text(client, model):
        return client.completions.create(
            model=model, prompt=PROMPT, max_tokens=12, temperature=0).choices[0].text

    expected = text(client, model)
    server = Server(
        tmp_path / "log", "--max-model-len", 256, "--num-gpu-blocks", 64, "--max-num-seqs", 4,
        "--device", "auto,auto", "--layer-split", "2,1").wait_until_ready()
    try:
        other = openai.OpenAI(base_url=server.url + "/v1", api_key="none")
        assert text(other, MODEL_NAME) == expected
        server.wait(lambda: "Ready: " in server.log)
        ready = next(line for line in server.log.splitlines() if line.startswith("Ready: "))
        assert ready.startswith("Ready: 2 x ") and "layers 20 + 10, model " in ready
        device = ready.removeprefix("Ready: ").split(" (")[0]
        metrics = server.get("/metrics")[1]
        build = next(line for line in metrics.splitlines() if "build_info{" in line)
        assert f'device="{device}' in build
    finally:
        server.stop()


def test_splits_that_cannot_be_are_refused_in_words():
    def refusal(*flags):
        result = subprocess.run(
            command(free_port(), *flags), capture_output=True, text=True, timeout=120)
        assert result.returncode != 0
        return result.stdout + result.stderr

    assert "--pipeline-parallel-size 64 needs 64 devices" in refusal(
        "--pipeline-parallel-size", 64)
    assert "names 2 devices, which is not --pipeline-parallel-size" in refusal(
        "--device", "auto,auto", "--pipeline-parallel-size", 3)
    assert "31 devices are too many for a model of 30 layers" in refusal(
        "--device", ",".join(["auto"] * 31))
    assert "--layer-split 1,2,3 is for 3 devices, and the model is to run on 2" in refusal(
        "--device", "auto,auto", "--layer-split", "1,2,3")
    assert "--layer-split is `1,x`; it must be a number for each device" in refusal(
        "--layer-split", "1,x")


def test_inspect_splits_too():
    model = os.environ["PUMICE_TEST_MODEL"]
    one = json.loads(run("inspect", model, "--json").stdout)
    two = json.loads(run("inspect", model, "--json", "--device", "auto,auto").stdout)
    assert "layer_split" not in one and two["layer_split"] == [15, 15]
    assert 0 < two["caches"][0]["token_capacity"] <= one["caches"][0]["token_capacity"]
    assert "; layers 15 + 15" in run("inspect", model, "--device", "auto,auto").stdout
    result = run("inspect", model, "--pipeline-parallel-size", 64)
    assert result.returncode != 0 and "needs 64 devices" in result.stderr
