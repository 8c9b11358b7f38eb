"""checkov, a scanner of manifests: nothing found but what is meant, and why it is meant."""

import json
import os
import subprocess

import pytest

import chart

# What checkov says of the hardened example, with the reason why it stays.
MEANT = {
    "CKV_K8S_11": "a CPU limit throttles the thread that feeds the GPU; the request is what counts",
    "CKV_K8S_15": "tags are versions; IfNotPresent lets a pod start while the registry is down",
    "CKV_K8S_22": "NVIDIA's container hooks write to the root file system; read-only elsewhere",
    "CKV_K8S_35": "the server reads its key from the environment, which its account alone can read",
    "CKV_K8S_43": "the digest is a value, image.digest",
    "CKV_K8S_8": "the test pod ends by itself",
    "CKV_K8S_9": "the test pod serves nobody",
    "CKV2_K8S_6": "the policy selects the servers; the test pod only asks",
}


@pytest.mark.checkov
def test_checkov_finds_only_what_is_meant(tmp_path):
    example = chart.ROOT / "helm/examples/values/production.yaml"
    (tmp_path / "chart.yaml").write_text(chart.render_text(example))
    result = subprocess.run(
        [os.environ["PUMICE_CHECKOV"], "--file", tmp_path / "chart.yaml", "--framework",
         "kubernetes", "--skip-download", "--output", "json"],
        capture_output=True, text=True)
    report = json.loads(result.stdout)
    assert report["summary"]["passed"] > 100 and not report["summary"]["parsing_errors"]
    failed = {check["check_id"] for check in report["results"]["failed_checks"]}
    # A reason for something that is no longer found has to go.
    assert failed == set(MEANT)
