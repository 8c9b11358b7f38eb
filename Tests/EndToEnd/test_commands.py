"""The commands that need no server: chat, complete, run-batch, inspect, devices, doctor."""

import json
import os
import pty
import signal
import subprocess
import time

import pytest

BINARY = os.environ.get("PUMICE_BINARY", "pumice")
MODEL = os.environ.get("PUMICE_TEST_MODEL", "")
LOCAL = ["--max-model-len", "512"]


def pumice(*arguments, **options):
    return subprocess.run(
        [BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300, **options)


def greedy(client, model, **options):
    return client.chat.completions.create(
        model=model, temperature=0, **options).choices[0].message.content


@pytest.mark.smoke
def test_complete_says_what_the_server_says(client, model):
    expected = client.completions.create(
        model=model, prompt="Once upon a time", max_tokens=12, temperature=0).choices[0].text
    result = pumice("complete", MODEL, "Once upon a time", *LOCAL, "--max-tokens", 12,
                    "--temperature", 0)
    assert result.returncode == 0, result.stderr
    assert result.stdout == expected + "\n"
    assert "[12 tokens, " in result.stderr and "tokens/s" in result.stderr


def test_complete_reads_a_pipe_and_echoes():
    result = pumice("complete", MODEL, *LOCAL, "--max-tokens", 4, "--temperature", 0, "--echo",
                    input="One, two, three,")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("One, two, three, four")


def test_complete_refuses_as_the_server_does():
    result = pumice("complete", MODEL, "x", *LOCAL, "--temperature", 9)
    assert result.returncode != 0 and "temperature must be in [0, 2], got 9." in result.stderr


def test_chat_in_a_pipe_keeps_the_conversation(client, model):
    first, second = "My name is Ada.", "What is my name?"
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": first}]
    answer = greedy(client, model, messages=messages, max_tokens=24)
    messages += [{"role": "assistant", "content": answer}, {"role": "user", "content": second}]
    expected = [answer, greedy(client, model, messages=messages, max_tokens=24)]
    flags = [*LOCAL, "--temperature", 0, "--max-tokens", 24]
    result = pumice("chat", MODEL, *flags, "--system-prompt", "Be brief.",
                    input=f"{first}\n\n{second}\n")
    assert result.returncode == 0, result.stderr
    assert result.stdout == "".join(text + "\n" for text in expected)
    assert result.stderr.count("tokens/s") == 2
    # Forgetting makes the first message the first again; /system is like the flag.
    result = pumice("chat", MODEL, *flags,
                    input=f"/system Be brief.\n{first}\n/reset\n{first}\n/odd\n/exit\nunread\n")
    assert result.stdout == f"{answer}\n{answer}\n"
    assert "no command /odd" in result.stderr


def test_chat_quick(client, model):
    expected = greedy(
        client, model, messages=[{"role": "user", "content": "Say hello."}], max_tokens=8)
    result = pumice("chat", MODEL, *LOCAL, "-q", "Say hello.", "--temperature", 0,
                    "--max-tokens", 8)
    assert result.stdout == expected + "\n", result.stderr


def test_interrupting_a_chat_stops_the_answer_and_not_the_program():
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [BINARY, "chat", MODEL, "--max-model-len", "2048", "--temperature", "0"],
        stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.set_blocking(process.stdout.fileno(), False)
    os.set_blocking(process.stderr.fileno(), False)
    seen = {"out": "", "err": ""}

    def wait(condition, seconds=120):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline and process.poll() is None, seen
            seen["out"] += (process.stdout.read() or b"").decode(errors="replace")
            seen["err"] += (process.stderr.read() or b"").decode(errors="replace")
            time.sleep(0.02)

    def say(text):
        os.write(controller, (text + "\n").encode())

    try:
        wait(lambda: "> " in seen["err"])
        say("Count from one to one thousand, in words, and do not stop.")
        wait(lambda: len(seen["out"].split()) > 5)
        process.send_signal(signal.SIGINT)
        wait(lambda: " stopped" in seen["err"])
        stopped = len(seen["out"].split())
        assert stopped < 300
        # At the prompt it says how to end instead.
        process.send_signal(signal.SIGINT)
        wait(lambda: "Ctrl-D or /exit" in seen["err"])
        say("Say yes.")
        wait(lambda: seen["err"].count("tokens/s") == 2)
        say("/exit")
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            process.kill()
        os.close(controller)
        os.close(terminal)


def batch_line(custom_id, url, body):
    return json.dumps({"custom_id": custom_id, "method": "POST", "url": url, "body": body})


def outputs(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_batch_is_answered_as_over_http(client, model, tmp_path):
    chat = {"model": model, "messages": [{"role": "user", "content": "Say hello."}],
            "max_tokens": 8, "temperature": 0}
    lines = [batch_line(f"text-{index}", "/v1/completions",
                        {"prompt": f"{index}, {index + 1},", "max_tokens": 6, "temperature": 0})
             for index in range(12)]
    lines[5:5] = ["{no json", batch_line("chat", "/v1/chat/completions", chat), ""]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(lines))
    flags = ["-i", source, "-o", target, "--model", MODEL, "--served-model-name", model,
             "--max-model-len", 256, "--num-gpu-blocks", 128, "--max-num-seqs", 4]
    result = pumice("run-batch", *flags)
    assert result.returncode == 0, result.stderr
    answers = outputs(target)
    assert [answer["custom_id"] for answer in answers] == [
        *(f"text-{index}" for index in range(5)), None, "chat",
        *(f"text-{index}" for index in range(5, 12))]
    assert "not JSON" in answers[5]["error"]
    assert answers[6]["response"]["body"]["choices"][0]["message"]["content"] == greedy(
        client, model, messages=chat["messages"], max_tokens=8)
    for index in (0, 11):
        expected = client.completions.create(
            model=model, prompt=f"{index}, {index + 1},", max_tokens=6, temperature=0)
        answer = next(item for item in answers if item["custom_id"] == f"text-{index}")
        assert answer["response"]["body"]["choices"][0]["text"] == expected.choices[0].text
    assert "14 requests answered, 1 of them failed" in result.stderr
    assert not target.with_name("out.jsonl.partial").exists()

    # A run that was cut off in mid-line is gone on with.
    written = target.read_text().splitlines(keepends=True)
    partial = target.with_name("out.jsonl.partial")
    partial.write_text("".join(written[:9]) + written[9][:20])
    target.unlink()
    result = pumice("run-batch", *flags, "--resume")
    assert result.returncode == 0, result.stderr
    assert "9 requests are answered already" in result.stderr
    again = outputs(target)
    assert [answer["custom_id"] for answer in again] == [
        answer["custom_id"] for answer in answers]
    assert target.read_text().startswith("".join(written[:9]))

    # Of another input it is not.
    partial.write_text("".join(written[1:3]))
    result = pumice("run-batch", *flags, "--resume")
    assert result.returncode != 0 and "belongs to another request" in result.stderr


@pytest.mark.smoke
def test_doctor_finds_the_device():
    result = pumice("doctor")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Pumice can serve on " in result.stdout.splitlines()[-1]
    report = json.loads(pumice("doctor", "--json").stdout)
    assert report["can_serve"] is True
    device = report["machine"]["devices"][0]
    assert device["missing_features"] == [] and device["memory"][0]["byte_count"] > 1 << 28
    devices = json.loads(pumice("devices", "--json").stdout)
    assert [item["name"] for item in devices] == [
        item["name"] for item in report["machine"]["devices"]]


def test_doctor_tells_a_driver_that_is_not_there(tmp_path):
    manifest = tmp_path / "gone_icd.json"
    manifest.write_text(json.dumps({
        "file_format_version": "1.0.1", "ICD": {"library_path": "libvulkan_gone.so"}}))
    # The wrappers of the tests' drivers set this variable themselves.
    binary = os.path.join(os.path.dirname(__file__), "../../.build/release/pumice")
    result = subprocess.run(
        [binary, "doctor"], capture_output=True, text=True, timeout=60,
        env=os.environ | {"VK_DRIVER_FILES": str(manifest)})
    assert result.returncode == 1
    assert "libvulkan_gone.so: cannot open shared object file" in result.stdout
    assert result.stdout.splitlines()[-1] == "Pumice cannot serve on this machine."


def test_inspect_tells_what_is_in_a_model_and_what_fits():
    text = pumice("inspect", MODEL).stdout
    assert "Pumice serves it." in text and "general.architecture = " in text
    report = json.loads(pumice("inspect", MODEL, "--json").stdout)
    assert report["problem"] is None and report["architecture"] == "llama"
    assert report["parameter_count"] == sum(item["parameter_count"] for item in report["types"])
    assert report["byte_count"] == sum(item["byte_count"] for item in report["tensors"])
    assert 0.8 < report["byte_count"] / os.path.getsize(MODEL) < 1
    half, eight = report["caches"]
    # 30 layers, 3 heads of 64, keys and values.
    assert half["byte_count_per_token"] == 30 * 3 * 2 * 64 * 2
    assert eight["byte_count_per_token"] == 30 * 3 * 2 * (64 + 4)
    assert half["full_length_count"] == half["token_capacity"] // report["context_length"]
    assert eight["token_capacity"] > half["token_capacity"] > 0
    assert "Tensors" not in text
    assert "token_embd.weight" in pumice("inspect", MODEL, "--tensors").stdout


def test_inspect_reads_a_folder(tmp_path):
    header = json.dumps({"model.norm.weight": {
        "dtype": "F32", "shape": [8], "data_offsets": [0, 32]}}).encode()
    (tmp_path / "model.safetensors").write_bytes(
        len(header).to_bytes(8, "little") + header + bytes(32))
    (tmp_path / "config.json").write_text(json.dumps({
        "model_type": "odd", "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "hidden_size": 256, "max_position_embeddings": 128}))
    report = json.loads(pumice("inspect", tmp_path, "--json").stdout)
    assert report["format"] == "safetensors" and "`odd` is not supported" in report["problem"]
    assert report["caches"][0]["byte_count_per_token"] == 2 * 2 * 2 * 64 * 2
    assert report["parameter_count"] == 8
