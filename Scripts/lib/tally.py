"""Sums JUnit reports: `tally.py DIRECTORY` prints a line per run, the tests that failed, and
`N passed, N failed`.

Every run leaves NAME.status (its exit code) and, unless it crashed, NAME.xml. A run without a
readable report, without a test, or with a bad exit code but no failed test, counts as one failure:
no mishap may look like success. Exits 1 unless everything passed.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def failed(case):
    """Whether one <testcase> failed."""
    return outcome(case) == "failed"


def outcome(case):
    """`failed`, `skipped` or `passed` for one <testcase>."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def tally(status_file):
    """The counts of one run, and a remark where something is wrong with the run itself."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    status = int(status_file.read_text())
    report = status_file.with_suffix(".xml")
    if report.exists():
        try:
            for case in ElementTree.parse(report).iter("testcase"):
                counts[outcome(case)] += 1
        except ElementTree.ParseError:
            counts["failed"] += 1
            return counts, f"crashed with status {status}: its report is incomplete"
    elif status_file.name.startswith("check-"):
        counts["passed" if status == 0 else "failed"] += 1
        return counts, ""
    if status != 0 and counts["failed"] == 0:
        counts["failed"] += 1
        return counts, f"ended with status {status} although no test failed"
    if counts["passed"] + counts["failed"] == 0:
        counts["failed"] += 1
        return counts, "ran no test"
    return counts, ""


def failures(status_file):
    """The names of one run's failed tests."""
    try:
        cases = list(ElementTree.parse(status_file.with_suffix(".xml")).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return []
    names = [f"{case.get('classname')}.{case.get('name')}" for case in cases if failed(case)]
    return [f"  failed in {status_file.stem.removeprefix('check-')}: {name}" for name in names]


def main():
    total = {"passed": 0, "failed": 0, "skipped": 0}
    runs = list(pathlib.Path(sys.argv[1]).glob("*.status"))
    runs.sort(key=lambda run: run.stat().st_mtime_ns)
    for run in runs:
        counts, remark = tally(run)
        for name in total:
            total[name] += counts[name]
        numbers = ", ".join(f"{counts[name]} {name}" for name in total)
        print(f"  {run.stem.removeprefix('check-'):<24}{numbers}  {remark}".rstrip())
    for line in (line for run in runs for line in failures(run)):
        print(line)
    broken = total["failed"] + (0 if runs else 1)
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"\n{total['passed']} passed, {broken} failed{skipped}")
    sys.exit(1 if broken else 0)


main()
