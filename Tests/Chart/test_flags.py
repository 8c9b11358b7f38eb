"""What the chart passes is what the real binary takes."""

import os
import pathlib
import re
import subprocess

import pytest
import yaml

import chart

pytestmark = pytest.mark.server


def run(*arguments):
    """Exit code and output of the binary."""
    result = subprocess.run(
        [os.environ["PUMICE_BINARY"], *arguments], capture_output=True, text=True, timeout=60)
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="module")
def flags():
    """The flags of a subcommand."""
    def of(command):
        code, text = run(command, "--help")
        assert code == 0, text
        return set(re.findall(r"--[a-z][a-z0-9-]+", text))
    return of


def command_lines():
    """Every command line in the chart and the examples, by a readable name."""
    everything = {
        "engine": {"maxModelLen": 2048, "maxNumBatchedTokens": 512, "gpuMemoryUtilization": 0.9,
                   "numGpuBlocks": 64, "blockSize": 16, "maxNumQueuedReqs": 8,
                   "maxNumQueuedTokens": 4096, "batchInvariant": True, "prefixCaching": False,
                   "layerSplit": "3,1"},
        "gpu": {"count": 2},
        "server": {"requestTimeout": 60, "allowedOrigins": ["https://a.example.com"]},
        "model": {"servedNames": ["a", "b"], "chatTemplate": "{{ messages }}"},
        "preflight": True}
    rendered = {"every value": chart.render(chart.merged(chart.MODEL, everything))}
    rendered |= {path.stem: chart.render(path) for path in chart.VALUES}
    for name, objects in rendered.items():
        spec = chart.only(objects, "Deployment")["spec"]["template"]["spec"]
        for container in spec.get("initContainers", []) + spec["containers"]:
            yield f"{name}: {container['name']}", container["args"]
    for path in chart.MANIFESTS:
        for item in chart.documents(path.read_text()):
            for arguments in arguments_within(item):
                yield path.stem, arguments


def arguments_within(value):
    """Every list `args` in a manifest."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "args":
                yield part
            else:
                yield from arguments_within(part)
    elif isinstance(value, list):
        for part in value:
            yield from arguments_within(part)


def test_every_flag_exists(flags):
    for name, arguments in command_lines():
        command = arguments[0] if not arguments[0].startswith("-") else "serve"
        used = {item.split("=")[0] for item in arguments if item.startswith("--")}
        assert used <= flags(command), f"{name}: {used - flags(command)}"


def test_the_server_takes_the_whole_command_line(tmp_path):
    """A file that is not there is the only thing wrong with it."""
    keys = tmp_path / "keys"
    keys.write_text("key\n")
    certificate = tmp_path / "tls.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=pumice", "-keyout", certificate, "-out", tmp_path / "crt.pem"],
        check=True, capture_output=True)
    certificate.write_text((tmp_path / "crt.pem").read_text() + certificate.read_text())
    mounted = {"--api-key-file": keys, "--tls-certificate": certificate, "--tls-key": certificate}
    for name, arguments in command_lines():
        if not name.endswith("server"):
            continue
        arguments = list(arguments)
        arguments[arguments.index("--model") + 1] = "/nowhere/model.gguf"
        for flag, file in mounted.items():
            if flag in arguments:
                arguments[arguments.index(flag) + 1] = str(file)
        code, text = run(*arguments)
        assert code == 1 and "/nowhere/model.gguf" in text, f"{name}: {text}"
        assert "Usage:" not in text, f"{name}: {text}"


def test_what_the_schema_allows_the_server_allows():
    """Both ends of the engine's ranges, and one step outside."""
    schema = yaml.safe_load((chart.CHART / "values.schema.json").read_text())
    names = {"maxNumSeqs": "--max-num-seqs", "blockSize": "--block-size",
             "maxNumBatchedTokens": "--max-num-batched-tokens", "maxModelLen": "--max-model-len",
             "numGpuBlocks": "--num-gpu-blocks", "maxNumQueuedReqs": "--max-num-queued-reqs",
             "maxNumQueuedTokens": "--max-num-queued-tokens"}
    for key, flag in names.items():
        value = schema["properties"]["engine"]["properties"][key]
        for bound, outside in [("minimum", -1), ("maximum", 1)]:
            # More batched tokens than sequences, so that only the one value can be wrong.
            rest = ["--max-num-batched-tokens", "65536"] if key == "maxNumSeqs" else []
            rest = ["--max-num-seqs", "1"] if key == "maxNumBatchedTokens" else rest
            command = ["serve", "--model", "/nowhere/model.gguf", *rest, flag]
            _, text = run(*command, str(value[bound]))
            assert flag + " is" not in text, text
            _, text = run(*command, str(value[bound] + outside))
            assert f"{flag} is {value[bound] + outside}; it must be in" in text, text


def test_the_paths_of_the_probes_are_the_servers():
    routes = (chart.ROOT / "Sources/OpenAIServer/Routes/Routes.swift").read_text()
    server = chart.server(chart.render(chart.MODEL))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert f'"{server[probe]["httpGet"]["path"]}"' in routes


def test_the_variables_the_chart_sets_are_read(flags):
    """Those of this project, which are flags of `serve`, and those that it looks up by name; the
    Vulkan loader and Mesa read the others."""
    sources = "".join(
        path.read_text() for path in pathlib.Path(chart.ROOT / "Sources").rglob("*.swift"))
    values = {"auth": {"apiKey": "key"}, "model": {"hub": {
        "endpoint": "https://hub.example.com", "tokenSecret": {"name": "a", "key": "b"}}}}
    spec = chart.only(
        chart.render(chart.merged(chart.MODEL, values)), "Deployment")["spec"]["template"]["spec"]
    names = {
        variable["name"] for container in spec["initContainers"] + spec["containers"]
        for variable in container["env"]}
    for name in names:
        if name.startswith("PUMICE_"):
            flag = "--" + name.removeprefix("PUMICE_").lower().replace("_", "-")
            assert flag in flags("serve"), name
        elif not name.startswith(("VK_", "MESA_")):
            assert f'"{name}"' in sources, name
