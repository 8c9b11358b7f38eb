"""The chart's alerts, by promtool: each fires when it should, and none when all is well."""

import os
import pathlib
import subprocess

import pytest
import yaml

import chart

CASES = pathlib.Path(__file__).with_name("alerts.yaml")
VALUES = {"monitoring": {"alerts": {"enabled": True}}}


def groups(**values):
    objects = chart.render(chart.merged(chart.merged(chart.MODEL, VALUES), values))
    return chart.only(objects, "PrometheusRule")["spec"]


def promtool(*arguments):
    program = pathlib.Path(os.environ["PUMICE_PROMETHEUS"]) / "promtool"
    return subprocess.run([program, *arguments], capture_output=True, text=True)


def alerts(rules):
    return {rule["alert"] for group in rules["groups"] for rule in group["rules"]}


@pytest.mark.prometheus
def test_the_rules_are_well_formed_and_fire_when_they_should(tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(groups()))
    (tmp_path / "alerts.yaml").write_text(CASES.read_text())
    checked = promtool("check", "rules", str(tmp_path / "rules.yaml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = promtool("test", "rules", str(tmp_path / "alerts.yaml"))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_has_a_case():
    cases = {case["name"] for case in yaml.safe_load(CASES.read_text())["tests"]}
    assert cases == alerts(groups()) | {"none"}


def test_no_alert_about_what_is_meant():
    assert "PumiceRunsOnACPU" not in alerts(groups(accelerator="cpu"))
    zero = {"minReplicas": 0, "httpAddOn": {"enabled": True, "hosts": ["a.b"]}}
    assert "PumiceDown" not in alerts(groups(autoscaling=zero))
