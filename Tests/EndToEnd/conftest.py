"""Starts the real binary for the tests of this folder.

PUMICE_BINARY      the binary; without it every test is skipped
PUMICE_TEST_MODEL  the demo model, a GGUF file
PUMICE_SHARED      golden figures; without it the tests that need them are skipped
PUMICE_DEVICE      a value for --device
"""

import os

import pytest

from server import MODEL_NAME, Server


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: the few tests that show that a driver works")


def pytest_collection_modifyitems(items):
    missing = [name for name in ("PUMICE_BINARY", "PUMICE_TEST_MODEL") if not os.environ.get(name)]
    if missing:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=f"{' and '.join(missing)} not set"))


@pytest.fixture(scope="session")
def start_server(tmp_path_factory):
    """A function that starts a server with flags and waits until it is ready; what a test leaves
    running is stopped at the end."""
    servers = []

    def start(*flags):
        log_path = tmp_path_factory.mktemp("server") / "log"
        server = Server(log_path, *flags)
        servers.append(server)
        return server.wait_until_ready()

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(start_server):
    """The server most tests share."""
    return start_server("--max-model-len", 2048, "--max-num-seqs", 32, "--num-gpu-blocks", 1024)


@pytest.fixture(scope="session")
def client(server):
    return server.client()


@pytest.fixture
def model():
    return MODEL_NAME
