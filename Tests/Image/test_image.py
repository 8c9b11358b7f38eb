"""The container images, built by Scripts/image from the real Containerfile and run by buildah as
an ordinary user: sizes, contents, and the server in them through the chart's own command line and
probes.

PUMICE_IMAGES      set when Scripts/image has built both flavours
PUMICE_HELM        the program helm
PUMICE_TEST_MODEL  the demo model
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "Tests" / "Chart"), str(ROOT / "Tests" / "EndToEnd")]
import chart  # noqa: E402
from server import free_port  # noqa: E402

pytestmark = pytest.mark.skipif(
    not os.environ.get("PUMICE_IMAGES"), reason="PUMICE_IMAGES is not set")

# Megabytes of the unpacked image.
SIZE_MAX = {"nvidia": 160, "universal": 400}
FLAVOURS = sorted(SIZE_MAX)


def buildah(*arguments, **options):
    return subprocess.run(
        ["buildah", *arguments], check=True, capture_output=True, text=True,
        **options).stdout.strip()


def version():
    return subprocess.run(
        [os.environ["PUMICE_HELM"], "show", "chart", chart.CHART], check=True, capture_output=True,
        text=True).stdout.split("appVersion: ")[1].splitlines()[0]


@pytest.fixture(scope="module", params=FLAVOURS)
def image(request):
    """A container of a flavour: its name, its flavour, and where its files are."""
    name = buildah("from", "--pull-never", f"localhost/pumice:{version()}-{request.param}")
    try:
        yield name, request.param, pathlib.Path(buildah("mount", name))
    finally:
        buildah("rm", name)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def test_it_is_small(image):
    _, flavour, folder = image
    size = sum(path.stat().st_size for path in files(folder)) / 1e6
    print(f"{flavour}: {size:.0f} MB")
    assert size <= SIZE_MAX[flavour]


def test_it_says_what_it_is(image):
    name, flavour, _ = image
    config = json.loads(buildah("inspect", name))["OCIv1"]["config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["/opt/pumice/pumice"]
    variables = dict(item.split("=", 1) for item in config["Env"])
    assert set(variables["NVIDIA_DRIVER_CAPABILITIES"].split(",")) == {
        "compute", "graphics", "utility"}
    # `all` would give every GPU to pods that ask for none.
    assert "NVIDIA_VISIBLE_DEVICES" not in variables
    labels = config["Labels"]
    assert labels["org.opencontainers.image.version"] == version()
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_drivers_are_where_they_belong(image):
    _, flavour, folder = image
    # NVIDIA's toolkit mounts its ICD below /etc; one of ours would shadow it.
    assert not list((folder / "etc").glob("vulkan/**/*.json"))
    drivers = {path.name.split("_icd")[0] for path in folder.glob("usr/share/vulkan/icd.d/*")}
    assert drivers == ({"intel", "lvp", "radeon"} if flavour == "universal" else set())
    for library in ("libX11.so.6", "libXext.so.6", "libEGL.so.1", "libGLdispatch.so.0",
                    "libvulkan.so.1", "libcurl.so.4"):
        assert list(folder.glob(f"usr/lib/*/{library}")), library


def test_it_has_no_package_manager_and_no_setuid_program(image):
    _, _, folder = image
    for program in ("apt-get", "perl", "su", "mount"):
        assert not (folder / "usr/bin" / program).exists(), program
    assert not [path for path in files(folder) if path.stat().st_mode & 0o6000]


def test_its_list_of_contents_is_true(image):
    _, flavour, folder = image
    sbom = json.loads((ROOT / f".build/image/{flavour}.spdx.json").read_text())
    names = {package["name"] for package in sbom["packages"]}
    assert {"libc6", "libvulkan1", "ca-certificates", "swift-nio", "hummingbird"} <= names
    assert ("mesa-vulkan-drivers" in names) == (flavour == "universal")
    assert not names & {"apt", "perl-base"}
    assert len(names) == len({package["SPDXID"] for package in sbom["packages"]})


def run(name, *command, environment=(), volumes=(), **options):
    """A process in the container, on the host's network, as the image's user."""
    line = ["buildah", "run", "--isolation", "chroot", "--network", "host"]
    line += [part for item in environment for part in ("--env", item)]
    line += [part for item in volumes for part in ("--volume", item)]
    return subprocess.Popen(
        [*line, name, "--", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, **options)


def output(process, seconds=60):
    text, _ = process.communicate(timeout=seconds)
    return process.returncode, text


def test_it_runs_as_an_ordinary_user(image):
    name, _, _ = image
    assert output(run(name, "id", "-u")) == (0, "10001\n")
    code, text = output(run(
        name, "bash", "-c", "for f in / /etc /opt/pumice /usr; do test ! -w $f || echo $f; done"))
    assert (code, text) == (0, "")


def test_without_a_driver_it_says_what_to_do(image):
    name, flavour, _ = image
    code, text = output(run(
        name, "/opt/pumice/pumice", "devices", environment=["VK_LOADER_DRIVERS_DISABLE=*"]))
    assert code == 1 and "The Vulkan loader finds no device" in text, text


@contextlib.contextmanager
def serving(name, flavour):
    """The server as the chart's example for CPUs starts it: its process, port and log's reader."""
    values = chart.merged(chart.MODEL, {
        "accelerator": "cpu", "model": {"servedNames": ["smol"]},
        "engine": {"maxNumSeqs": 4, "maxModelLen": 1024, "numGpuBlocks": 128},
        "server": {"port": free_port(), "shutdownTimeout": 30}})
    objects = chart.render(values)
    container = chart.server(objects)
    arguments = list(container["args"])
    arguments[arguments.index("--model") + 1] = "/models/model.gguf"
    if "--download-dir" in arguments:
        index = arguments.index("--download-dir")
        del arguments[index:index + 2]
    port = container["ports"][0]["containerPort"]
    environment = [f"{item['name']}={item['value']}" for item in container["env"]]
    model = os.environ["PUMICE_TEST_MODEL"]
    process = run(name, "/opt/pumice/pumice", *arguments, environment=environment,
                  volumes=[f"{model}:/models/model.gguf:ro"])
    try:
        yield process, port, objects
    finally:
        for pid in servers(port):
            os.kill(pid, signal.SIGKILL)
        process.wait(20)


def servers(port):
    """Process ids of the server that listens on a port."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if words[0] == b"/opt/pumice/pumice" and str(port).encode() in words:
                yield int(path.parent.name)


def status(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def test_the_server_passes_its_probes_and_the_charts_test(image):
    name, flavour, _ = image
    if flavour != "universal":
        pytest.skip("this flavour has no driver for a CPU")
    with serving(name, flavour) as (process, port, objects):
        container = chart.server(objects)
        probes = [container[probe]["httpGet"]["path"] for probe in (
            "startupProbe", "readinessProbe", "livenessProbe")]
        deadline = time.monotonic() + 240
        for path in probes:
            while status(port, path) != 200:
                assert process.poll() is None, process.stdout.read()
                assert time.monotonic() < deadline, f"{path} is not 200"
                time.sleep(0.1)
        # The test pod's own script, in the same image.
        test = objects["Pod", "chat-pumice-test"]["spec"]["containers"][0]
        code, text = output(run(
            name, *test["command"], *test["args"],
            environment=["HOST=127.0.0.1", f"PORT={port}"]), seconds=120)
        assert code == 0, text
        assert text.count("HTTP/1.1 200 OK") == 3
        # As the kubelet ends a pod.
        pid, = servers(port)
        os.kill(pid, signal.SIGTERM)
        log, _ = process.communicate(timeout=60)
        assert process.returncode == 0, log
        assert "Ready: llvmpipe" in log
