import hashlib
import os
import pathlib
import random
import subprocess
import time

import pytest

from file_server import FileServer
from server import MODEL_NAME, Server

BINARY = os.environ.get("PUMICE_BINARY", "pumice")


def pull(*arguments, **options):
    return subprocess.Popen(
        [BINARY, "pull", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, **options)


@pytest.fixture
def file_server():
    server = FileServer(random.Random(1).randbytes(40 << 20), seconds_per_piece=0.02)
    yield server
    server.stop()


def test_a_killed_download_goes_on_where_it_was(file_server, tmp_path):
    digest = hashlib.sha256(file_server.data).hexdigest()
    arguments = (f"{file_server.url}/m.gguf#sha256={digest}", "--download-dir", tmp_path)
    first = pull(*arguments)
    # Records are written every second.
    deadline = time.monotonic() + 60
    while not list(tmp_path.rglob("*.journal")) or file_server.sent < 12 << 20:
        assert first.poll() is None and time.monotonic() < deadline, first.stderr.read()
        time.sleep(0.05)
    first.kill()
    first.wait()
    assert not list(tmp_path.rglob("m.gguf"))
    file_server.seconds_per_piece = 0
    before = file_server.sent
    second = pull(*arguments)
    path, progress = second.communicate(timeout=60)
    assert second.returncode == 0, progress
    assert pathlib.Path(path.strip()).read_bytes() == file_server.data
    assert file_server.sent - before < len(file_server.data) - (4 << 20)
    assert "Downloading m.gguf" in progress and "%" in progress


def test_processes_that_share_a_folder_download_once(file_server, tmp_path):
    file_server.seconds_per_piece = 0.002
    pulls = [pull(f"{file_server.url}/m.gguf", "--download-dir", tmp_path) for _ in range(3)]
    outputs = [process.communicate(timeout=60) for process in pulls]
    assert [process.returncode for process in pulls] == [0, 0, 0], outputs
    assert len({path for path, _ in outputs}) == 1
    assert file_server.sent < len(file_server.data) + 16
    assert sum("Waiting for another process" in progress for _, progress in outputs) == 2


def test_a_certificate_is_checked(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
         certificate], check=True, capture_output=True)
    server = FileServer(b"weights", certificate=(certificate, key))
    try:
        arguments = (f"{server.url}/m.gguf", "--download-dir", tmp_path / "models")
        refused = pull(*arguments)
        began = time.monotonic()
        _, errors = refused.communicate(timeout=60)
        assert refused.returncode != 0 and "certificate" in errors, errors
        # Another attempt would meet the same certificate.
        assert time.monotonic() - began < 10
        variables = os.environ | {"SSL_CERT_FILE": str(certificate)}
        variables.pop("CURL_CA_BUNDLE", None)
        trusted = pull(*arguments, env=variables)
        path, errors = trusted.communicate(timeout=60)
        assert trusted.returncode == 0, errors
        assert pathlib.Path(path.strip()).read_bytes() == server.data
    finally:
        server.stop()


def test_what_cannot_be_had_is_said_in_a_sentence(tmp_path):
    for model, word in (("no/such:", "colon"), ("/no/such.gguf", "no file here"),
                        ("http://127.0.0.1:9/m.gguf#sha256=1", "64 digits")):
        process = pull(model, "--download-dir", tmp_path)
        _, errors = process.communicate(timeout=60)
        assert process.returncode != 0 and word in errors, errors


def test_serve_downloads_its_model(tmp_path):
    model = pathlib.Path(os.environ["PUMICE_TEST_MODEL"])
    files = FileServer(model.read_bytes())
    server = Server(
        tmp_path / "log", "--max-model-len", 256, "--num-gpu-blocks", 32, "--download-dir",
        tmp_path / "models", model=f"{files.url}/{model.name}")
    try:
        server.wait_until_ready()
        answer = server.client().completions.create(
            model=MODEL_NAME, prompt="Once upon", max_tokens=2, temperature=0)
        assert answer.usage.completion_tokens == 2
        assert files.sent == len(files.data) + 1
        server.stop()
    finally:
        files.stop()
        if server.process.poll() is None:
            server.process.kill()
