"""Flags, variables and the file of settings say the same things."""

import json
import os
import ssl
import subprocess
import urllib.error
import urllib.request

from server import Server, command, free_port

BINARY = os.environ.get("PUMICE_BINARY", "pumice")
# Of these a person at the command line has the use.
OTHERS = {"help", "version", "config", "print-config"}


def run(*arguments, **variables):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("PUMICE_")}
    return subprocess.run(
        [BINARY, "serve", *map(str, arguments)], capture_output=True, text=True, timeout=60,
        env=environment | variables)


def flags():
    """Every flag of `serve`: its name, what it is, and the name that turns it off."""
    arguments = json.loads(run("--experimental-dump-help").stdout)["command"]["arguments"]
    names = {name["name"]: argument for argument in arguments for name in argument["names"]
             if name["kind"] == "long"}
    for name, argument in names.items():
        if name in OTHERS or name.startswith("no-") and name[3:] in names:
            continue
        inverse = "no-" + name if "no-" + name in names else None
        yield name, argument, inverse


LISTS = {"served-model-name", "api-key", "allowed-origins", "lora-modules"}


def test_every_flag_has_its_variable_and_its_key(tmp_path):
    file = tmp_path / "settings.yaml"
    found = list(flags())
    assert len(found) > 25
    for name, argument, inverse in found:
        variable = "PUMICE_" + name.upper().replace("-", "_")
        is_list = argument["isRepeating"]
        if argument["kind"] == "flag":
            low, high, line = "true", "false", ["--" + (inverse or name)]
            top = "false" if inverse else "true"
        else:
            low, high, line, top = "1", "2", [f"--{name}", "3"], "3"
        file.write_text(f"# settings\n{name}: {low}\n")
        secret = name == "api-key"

        def listed(*arguments, **variables):
            result = run("--print-config", *arguments, **variables)
            assert result.returncode == 0, result.stderr
            lines = [row for row in result.stdout.splitlines() if row.startswith(name + ":")]
            if not lines:
                return None
            assert len(lines) == 1
            value, source = lines[0].removeprefix(name + ": ").split("  # ")
            return value.strip('[]"'), source

        expected = "***" if secret else None
        at_file = listed("--config", file)
        assert at_file == (expected or low, f"{file}:2"), name
        at_variable = listed("--config", file, **{variable: high})
        assert at_variable == (expected or high, variable), name
        at_line = listed("--config", file, *line, **{variable: high})
        assert at_line == (expected or top, "command line"), name
        by_variable = listed(PUMICE_CONFIG=str(file))
        assert by_variable == at_file, name
        assert is_list == (name in LISTS), name


def test_settings_are_checked_like_flags(tmp_path):
    file = tmp_path / "settings.yaml"
    model = ("--model", os.environ["PUMICE_TEST_MODEL"])
    for text, words in (
            ("max-num-seq: 8", ["settings.yaml:1", "max-num-seq", "max-num-seqs"]),
            ("max_num_seqs: 8", ["did you mean `max-num-seqs`?"]),
            ("max-num-seqs: many", ["many", "--max-num-seqs"]),
            ("max-num-seqs: 0", ["--max-num-seqs is 0", "1...4096"]),
            ("block-size:\n  size: 16", ["settings.yaml:2", "not nested"])):
        file.write_text(text)
        result = run("--config", file, *model)
        assert result.returncode not in (0, None) and result.returncode > 0, text
        for word in words:
            assert word in result.stderr, result.stderr
    result = run("--config", tmp_path / "none.yaml", *model)
    assert result.returncode > 0 and "none.yaml cannot be read" in result.stderr
    result = run(*model, PUMICE_PORT="99999")
    assert result.returncode > 0 and "--port must be" in result.stderr


def test_a_server_runs_on_a_file_alone(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
         certificate], check=True, capture_output=True)
    keys, file = tmp_path / "keys", tmp_path / "settings.yaml"
    keys.write_text("# ours\nkey-in-a-file\n")
    file.write_text(
        "max-model-len: 256\nnum-gpu-blocks: 32\n"
        f"tls-certificate: {certificate}\ntls-key: {key}\napi-key-file: {keys}\n"
        f"cache-dir: {tmp_path}/cache\n")
    server = Server(tmp_path / "log", "--config", file)
    try:
        context = ssl.create_default_context(cafile=certificate)

        def get(path, **headers):
            request = urllib.request.Request(
                f"https://127.0.0.1:{server.port}{path}", headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=10, context=context) as response:
                    return response.status
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                return None

        server.wait(lambda: get("/readyz") == 200)
        assert get("/v1/models") == 401
        assert get("/v1/models", Authorization="Bearer key-in-a-file") == 200
        assert f"https://127.0.0.1:{server.port}/v1" in server.log
        assert "key-in-a-file" not in server.log
        assert list((tmp_path / "cache").glob("pipelines-*.bin"))
        server.stop()
    finally:
        server.process.kill()


def test_files_of_keys_and_certificates_that_are_none(tmp_path):
    good = tmp_path / "text"
    good.write_text("# no keys\n")
    for arguments, words in (
            (("--api-key-file", good), "holds 0 keys"),
            (("--api-key-file", tmp_path / "none"), "none cannot be read"),
            (("--tls-certificate", good), "need each other"),
            (("--tls-certificate", good, "--tls-key", good), "no certificate in PEM form")):
        result = subprocess.run(
            command(free_port(), *arguments), capture_output=True, text=True, timeout=60)
        assert result.returncode > 0 and words in result.stderr, result.stderr
