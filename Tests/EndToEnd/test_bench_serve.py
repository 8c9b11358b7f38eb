"""`pumice bench serve`, the client, against the real server."""

import json
import os
import subprocess

from server import MODEL_NAME, free_port


def bench(tmp_path, *flags, code=0):
    """Runs a load; returns what it printed and its JSON report."""
    report = tmp_path / "report.json"
    line = [os.environ["PUMICE_BINARY"], "bench", "serve", "--json", str(report)]
    run = subprocess.run(
        line + [str(flag) for flag in flags], capture_output=True, text=True, timeout=300)
    assert run.returncode == code, run.stdout + run.stderr
    return run.stdout + run.stderr, json.loads(report.read_text()) if report.exists() else None


def test_prompts_of_token_ids_have_their_exact_lengths(server, tmp_path):
    text, report = bench(
        tmp_path, "--base-url", server.url, "--num-prompts", 6, "--input-len", 30,
        "--output-len", 8, "--max-concurrency", 3)
    assert report["settings"]["prompts"] == "tokens"
    assert report["model"] == MODEL_NAME
    results = report["results"]
    assert (results["completed"], results["failed"]) == (6, 0)
    assert results["input_tokens"] == 6 * 30
    assert results["output_tokens"] == 6 * 8
    assert results["tokens_are_counted_by_server"]
    assert 0 < results["ttft_ms"]["p50"] <= results["e2e_ms"]["p50"]
    assert "Output token throughput" in text


def test_words_of_a_chat_come_near_the_length(server, tmp_path):
    _, report = bench(
        tmp_path, "--base-url", server.url + "/v1", "--endpoint", "chat", "--num-prompts", 4,
        "--input-len", 80, "--output-len", 4, "--request-rate", 50, "--model", MODEL_NAME,
        "--seed", 1)
    assert report["settings"]["prompts"] == "words"
    assert report["results"]["failed"] == 0
    assert abs(report["results"]["input_tokens"] - 4 * 80) < 40


def test_a_load_is_new_to_the_prefix_cache_unless_its_seed_is_given_again(server, tmp_path):
    def cached_tokens(*flags):
        before = server.metric("vllm:prefix_cache_hits_total")
        _, report = bench(
            tmp_path, "--base-url", server.url, "--num-prompts", 2, "--input-len", 64,
            "--output-len", 2, "--num-warmups", 0, *flags)
        assert report["results"]["failed"] == 0
        return server.metric("vllm:prefix_cache_hits_total") - before, report

    first, report = cached_tokens()
    second, other = cached_tokens()
    assert first == second == 0
    assert report["settings"]["seed"] != other["settings"]["seed"]
    again, _ = cached_tokens("--seed", report["settings"]["seed"])
    assert again >= 2 * 48


def test_refused_requests_are_counted_by_status(server, tmp_path):
    text, report = bench(
        tmp_path, "--base-url", server.url, "--num-prompts", 2, "--input-len", 100_000,
        "--prompts", "tokens", "--output-len", 4, "--num-warmups", 0, code=1)
    assert report["results"]["failures"] == {"HTTP 400": 2}
    assert "HTTP 400" in text


def test_without_a_server_the_message_says_so(tmp_path):
    text, report = bench(tmp_path, "--base-url", f"http://127.0.0.1:{free_port()}/v1", code=1)
    assert "names no model" in text
    assert report is None
