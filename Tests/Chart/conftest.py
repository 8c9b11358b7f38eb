"""Skips what the machine has no tool for, with the reason."""

import os
import pathlib
import sys

import pytest

import chart

# The end-to-end tests' real server.
sys.path.append(str(chart.ROOT / "Tests" / "EndToEnd"))

TOOLS = {
    "helm": "PUMICE_HELM", "prometheus": "PUMICE_PROMETHEUS", "checkov": "PUMICE_CHECKOV",
    "server": "PUMICE_BINARY", "kubectl": "PUMICE_KUBECTL",
    "nginx": "PUMICE_NGINX"}


def pytest_configure(config):
    for tool, variable in TOOLS.items():
        config.addinivalue_line("markers", f"{tool}: needs {variable}")


def pytest_collection_modifyitems(items):
    for item in items:
        needed = [TOOLS[tool] for tool in TOOLS if item.get_closest_marker(tool)]
        for variable in {"PUMICE_HELM", *needed}:
            if not os.environ.get(variable):
                item.add_marker(pytest.mark.skip(reason=f"{variable} is not set"))


@pytest.fixture(scope="session")
def crds():
    """The folder of CustomResourceDefinitions."""
    folder = pathlib.Path(os.environ.get("PUMICE_SHARED", chart.ROOT.parent / "shared")) / "crds"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    return str(folder)
