"""The documentation's commands, manifests, messages and numbers hold."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest
import yaml

import chart
import kubernetes_schemas

sys.path.append(str(chart.ROOT / "Scripts" / "lib"))
import chart_readme  # noqa: E402

DOCS = chart.ROOT / "docs"
WALK = DOCS / "kubernetes.md"
# Commands of the walk that need a cluster, a registry or the network, and install others' software.
ELSEWHERE = [
    r"helm repo add \w[\w-]* https://\S+",
    r"helm install (gpu-operator nvidia/gpu-operator|keda kedacore/keda|"
    r"prometheus prometheus-community/kube-prometheus-stack) .*",
    r"helm rollback chat --namespace models",
    r"helm --namespace models test chat --logs",
    r"helm uninstall chat next --namespace models",
    r"buildah push localhost/pumice:[\w.-]+ docker://registry.example.com/pumice:[\w.-]+",
    r"kubectl get nodes -o .*",
    r"kubectl label namespace models pod-security.kubernetes.io/enforce=restricted",
]


def blocks(path, language):
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


def commands(path):
    """Every command of the `sh` blocks, continued lines joined."""
    text = "\n".join(blocks(path, "sh")).replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The releases of the walk, rendered: a list of (command, objects)."""
    folder = tmp_path_factory.mktemp("walk")
    for block in blocks(WALK, "yaml"):
        name = re.match(r"# (\S+\.yaml)\n", block)
        assert name, f"a block of YAML without a file name:\n{block}"
        (folder / name[1]).write_text(block)
    steps = []
    for command in commands(WALK):
        words = shlex.split(command)
        if words[:2] in (["helm", "install"], ["helm", "upgrade"]) and "helm/pumice" in words:
            words[words.index("helm/pumice")] = str(chart.CHART)
            for index, word in enumerate(words):
                if word == "--values":
                    words[index + 1] = str(folder / words[index + 1])
            text = chart.helm(
                "template", *words[2:], "--kube-version", chart.VERSIONS[-1])
            steps.append((command, chart.by_name(chart.documents(text))))
    return steps


def test_the_walks_releases_would_be_accepted(walk, crds):
    assert len(walk) >= 5
    for command, objects in walk:
        for (kind, name), manifest in objects.items():
            found = kubernetes_schemas.problems(manifest, chart.VERSIONS[-1], crds)
            assert not found, f"{command}: {kind}/{name}"
            assert manifest["metadata"]["namespace"] == "models"


def test_every_command_of_the_walk_is_checked(walk):
    rendered = {command for command, _ in walk}
    installed = {
        f"{kind.lower()}/{name}" for _, objects in walk for kind, name in objects}
    for command in commands(WALK):
        if command in rendered or any(re.fullmatch(known, command) for known in ELSEWHERE):
            continue
        words = shlex.split(command.removesuffix(" &"))
        if words[0] == "kubectl" and "create" in words:
            continue  # the next test runs these
        if words[0] == "kubectl":
            assert words[1:3] == ["--namespace", "models"], command
            named = {word for word in words if re.fullmatch(r"[a-z]+/[a-z0-9-]+", word)}
            assert named and named <= installed, f"{command}: {named - installed}"
        elif words[0] == "make":
            makefile = (chart.ROOT / "Makefile").read_text()
            assert f"\n{words[1]}:" in makefile, command
        else:
            assert words[0] == "curl", f"nobody checks: {command}"


@pytest.mark.kubectl
def test_what_kubectl_makes_is_what_the_chart_reads(walk):
    made = []
    for command in commands(WALK):
        words = shlex.split(command)
        if words[0] == "kubectl" and "create" in words:
            result = subprocess.run(
                [os.environ["PUMICE_KUBECTL"], *words[1:], "--dry-run=client", "-o", "yaml"],
                capture_output=True, text=True, check=True)
            made.append(yaml.safe_load(result.stdout))
    secret = next(item for item in made if item["kind"] == "Secret")
    volumes = chart.only(walk[0][1], "Deployment")["spec"]["template"]["spec"]["volumes"]
    reference = next(item["secret"] for item in volumes if item["name"] == "api-keys")
    assert reference["secretName"] == secret["metadata"]["name"]
    assert reference["items"][0]["key"] in secret["data"]
    assert {"Namespace", "Secret"} == {item["kind"] for item in made}


def test_the_walks_last_claim_is_the_charts(walk):
    claims = {name for _, objects in walk for kind, name in objects if
              kind == "PersistentVolumeClaim"}
    assert "chat-pumice-model" in claims


def test_the_images_of_the_walk_are_those_the_chart_asks_for(walk):
    pushed = re.search(r"docker://(\S+)", WALK.read_text())[1]
    assert chart.server(walk[0][1])["image"] == pushed


def test_messages_are_quoted_as_they_are_printed():
    sources = "".join(
        path.read_text() for path in sorted((chart.ROOT / "Sources").rglob("*.swift")))
    # One string for a literal that is broken over lines.
    sources = re.sub(r'"\s*\+\s*"', "", sources)
    text = (DOCS / "troubleshooting.md").read_text()
    quoted = [line for line in re.findall(r"`([^`\n]+)`", text) if "…" in line]
    quoted = [line for line in quoted if not line.startswith("Authorization")]
    assert len(quoted) >= 6
    for line in quoted:
        for fragment in filter(None, (part.strip() for part in line.split("…"))):
            assert fragment in sources, f"no source prints: {fragment}"


def test_the_table_of_sizes_is_computed_right():
    rows = re.findall(
        r"^\| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) GiB \|$",
        (DOCS / "sizing.md").read_text(), re.MULTILINE)
    assert len(rows) >= 5
    for layers, heads, size, half, eight, memory in rows:
        numbers = 2 * int(layers) * int(heads) * int(size)
        assert float(half) == round(numbers * 2 / 1024, 1)
        assert float(eight) == round(numbers * 34 / 32 / 1024, 1)
        assert float(memory) == round(numbers * 2 * 16 * 4096 / 2**30, 1)


def test_values_that_the_documents_name_exist():
    values = yaml.safe_load((chart.CHART / "values.yaml").read_text())
    keys = set()

    def collect(mapping, prefix=""):
        for key, value in mapping.items():
            keys.add(prefix + key)
            if isinstance(value, dict):
                collect(value, prefix + key + ".")

    collect(values)
    roots = "|".join(values)
    # Keys that the defaults leave out of an empty mapping.
    keys |= {f"httpRoute.canary.{key}" for key in ("name", "port", "weight")}
    for path in sorted(DOCS.glob("*.md")):
        for name in re.findall(rf"`((?:{roots})(?:\.\w+)*)(?:: [^`]*)?`", path.read_text()):
            # Names of vendors' resources and classes begin like a key.
            if not name.endswith((".com", ".intel")):
                assert name in keys, f"{path.name}: {name}"


def test_the_charts_readme_is_made_from_its_values():
    readme = (chart.CHART / "README.md").read_text()
    assert readme == chart_readme.readme(chart.CHART), "run `make chart`"


def test_the_schema_knows_every_value_and_no_other():
    def names(mapping, prefix=""):
        for key, value in mapping.items():
            yield prefix + key
            if isinstance(value, dict):
                yield from names(value, prefix + key + ".")

    def allowed(schema, prefix=""):
        for key, part in schema.get("properties", {}).items():
            yield prefix + key
            yield from allowed(part, prefix + key + ".")

    values = yaml.safe_load((chart.CHART / "values.yaml").read_text())
    schema = yaml.safe_load((chart.CHART / "values.schema.json").read_text())
    # What a default leaves empty: keys of Secrets, of the canary, and helm's own.
    free = {"global"} | {
        f"{prefix}.{key}" for prefix, keys in [
            ("model.idSecret", "name key"), ("model.hub.tokenSecret", "name key"),
            ("httpRoute.canary", "name port weight"), ("inferencePool.endpointPicker", "name port")]
        for key in keys.split()}
    known = set(allowed(schema))
    assert {name for name in names(values) if not open_mapping(schema, name)} == known - free


def open_mapping(schema, name):
    """Whether a value lies in a mapping that takes any key, such as labels."""
    for key in name.split("."):
        if "properties" not in schema:
            return True
        schema = schema["properties"].get(key, {})
    return False
