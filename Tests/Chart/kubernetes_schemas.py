"""Checks a manifest as an API server would: structure, unknown fields, duplicate keys, CEL rules.

Core kinds are checked against Kubernetes' own schemas (package kubernetes-validate), custom kinds
against their CustomResourceDefinitions in PUMICE_SHARED/crds.
"""

import functools
import pathlib

import celpy
import jsonschema
import kubernetes_validate.utils
import referencing
import yaml

# What every object may have whatever its definition says.
COMMON = ("apiVersion", "kind", "metadata", "status")


def problems(manifest, version, crds):
    """What is wrong with `manifest` for Kubernetes `version`, as a list of sentences.

    Raises LookupError for a kind that nobody defines."""
    api_version, kind = manifest["apiVersion"], manifest["kind"]
    try:
        validator = core_validator(kind, api_version, version)
        return [describe(error) for error in validator.iter_errors(manifest)]
    except kubernetes_validate.utils.SchemaNotFoundError:
        schema = custom_schema(kind, api_version, crds)
        filled = with_defaults(manifest, schema)
        validator = jsonschema.Draft202012Validator(schema)
        found = [describe(error) for error in validator.iter_errors(filled)]
        return found + list(broken_rules(filled, schema, kind))


def describe(error):
    return f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"


@functools.cache
def core_validator(kind, api_version, version):
    """A validator that knows every field of a core kind."""
    group = api_version.split("/")
    group = "-".join([group[0].split(".")[0], *group[1:]])
    folder = f"kubernetes-json-schema/v{version}.0-local-strict"
    read = kubernetes_validate.utils.schema_contents
    try:
        schema = read(f"{folder}/{kind.lower()}-{group}.json", version)
    except FileNotFoundError:
        raise kubernetes_validate.utils.SchemaNotFoundError(kind, version, api_version) from None
    return jsonschema.Draft202012Validator(schema, registry=core_definitions(folder, version))


@functools.cache
def core_definitions(folder, version):
    definitions = kubernetes_validate.utils.schema_contents(
        f"{folder}/_definitions.json", version)
    resource = referencing.Resource.from_contents(definitions)
    return resource @ referencing.Registry()


@functools.cache
def custom_schema(kind, api_version, crds):
    """The JSON schema of a custom kind, which refuses fields it does not name."""
    group, _, version = api_version.partition("/")
    for path in sorted(pathlib.Path(crds).glob(f"{group}_*.yaml")):
        spec = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
        if spec["names"]["kind"] != kind:
            continue
        for offered in spec["versions"]:
            if offered["name"] == version and offered["served"]:
                schema = closed(offered["schema"]["openAPIV3Schema"])
                schema["properties"] |= {name: {} for name in COMMON}
                return schema
    raise LookupError(f"no schema of {kind} in {api_version}")


def closed(schema):
    """A structural schema as JSON Schema, which refuses unknown fields."""
    schema = dict(schema)
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("anyOf", None)
        schema["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    for name in ("allOf", "anyOf", "oneOf"):
        # Of logical parts only what they demand; their fields are those of the whole.
        if name in schema:
            schema[name] = [dict(part) for part in schema[name]]
    if "properties" in schema:
        schema["properties"] = {
            name: closed(part) for name, part in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = closed(schema["additionalProperties"])
    if "items" in schema:
        schema["items"] = closed(schema["items"])
    return schema


def with_defaults(value, schema):
    """`value` with the defaults that an API server would fill in before it looks at rules."""
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        other = schema.get("additionalProperties")
        other = other if isinstance(other, dict) else {}
        filled = {
            name: with_defaults(part, parts.get(name, other)) for name, part in value.items()}
        for name, part in parts.items():
            if name not in filled and "default" in part:
                filled[name] = with_defaults(part["default"], part)
        return filled
    if isinstance(value, list):
        return [with_defaults(item, schema.get("items", {})) for item in value]
    return value


def broken_rules(value, schema, path):
    """The CEL rules and the key uniqueness that `value` breaks, anywhere in it."""
    for rule in schema.get("x-kubernetes-validations", ()):
        # A rule about a change has nothing to say about a new object.
        if "oldSelf" not in rule["rule"] and not holds(rule["rule"], value):
            yield f"{path}: {rule.get('message', rule['rule'])}"
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        other = schema.get("additionalProperties")
        for name, part in value.items():
            inner = parts.get(name, other if isinstance(other, dict) else {})
            yield from broken_rules(part, inner, f"{path}.{name}")
    elif isinstance(value, list):
        keys = schema.get("x-kubernetes-list-map-keys")
        if keys:
            seen = [tuple(item.get(key) for key in keys) for item in value]
            yield from (f"{path}: two items are {key}" for key in duplicates(seen))
        for index, item in enumerate(value):
            yield from broken_rules(item, schema.get("items", {}), f"{path}[{index}]")


def holds(rule, value):
    """Whether a CEL rule is true of `value`; a rule that cannot be evaluated is an error."""
    result = program(rule).evaluate({"self": celpy.json_to_cel(value)})
    if isinstance(result, Exception):
        raise result
    return bool(result)


@functools.cache
def program(rule):
    environment = celpy.Environment()
    return environment.program(environment.compile(rule))


def duplicates(items):
    return sorted({item for item in items if items.count(item) > 1}, key=str)
