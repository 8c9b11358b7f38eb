"""Writes the chart's README from its values: `chart_readme.py CHART` prints it.

In values.yaml a comment that begins with `# --` describes the key below it; its further lines are
ordinary comments.
"""

import json
import pathlib
import re
import sys

import yaml

INTRODUCTION = """# Pumice

{description}. Made from `Chart.yaml` and `values.yaml` by `make chart`; do not edit.

```sh
helm install chat helm/pumice --set accelerator=nvidia \\
    --set model.id=bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M
```

[docs/kubernetes.md](../../docs/kubernetes.md) is a walk from an empty cluster to an autoscaled,
monitored endpoint; [examples](../examples/values/nvidia.yaml) of values are in
`helm/examples/values`, each of them tested. Values that contradict one another are refused with a
sentence that says what to do; keys that do not exist are refused by name.

## Values

| key | default | |
|---|---|---|
"""


def descriptions(text):
    """What the comments say of each key, by its dotted path."""
    found, path, comment = {}, [], None
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("# --"):
            comment = [stripped[4:].strip()]
        elif stripped.startswith("#") and comment is not None:
            comment.append(stripped[1:].strip())
        elif match := re.match(r"^( *)([A-Za-z][\w./-]*):", line):
            depth = len(match[1]) // 2
            path = [*path[:depth], match[2]]
            if comment:
                found[".".join(path)] = " ".join(comment)
            comment = None
        else:
            comment = None
    return found


def leaves(values, described, prefix=""):
    """Every key a user sets, with its default: mappings that have a description are keys too."""
    for key, value in values.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value and path not in described:
            yield from leaves(value, described, path + ".")
        else:
            yield path, value
            if isinstance(value, dict) and any(
                    name.startswith(path + ".") for name in described):
                yield from leaves(value, described, path + ".")


def cell(text):
    return text.replace("|", "\\|")


def readme(chart):
    """The README's text."""
    text = (chart / "values.yaml").read_text()
    described = descriptions(text)
    lines = [INTRODUCTION.format(**yaml.safe_load((chart / "Chart.yaml").read_text()))]
    for path, value in leaves(yaml.safe_load(text), described):
        default = cell(json.dumps(value, ensure_ascii=False))
        lines.append(f"| `{path}` | `{default}` | {cell(described.get(path, ''))} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(readme(pathlib.Path(sys.argv[1])))
