"""Judges documents by the `jsonschema` package.

Reads lines of `{"seed": 1, "schema": {...}, "documents": ["...", ...]}`, each document a text, and
prints a line for each that is not JSON or does not satisfy its schema; then how many were judged.
"""

import json
import sys

import jsonschema


def judged(case):
    """The documents of one schema, each with what is wrong with it."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    assert {"date", "time", "date-time", "ipv4", "uuid", "email"} <= set(checker.checkers)
    jsonschema.Draft202012Validator.check_schema(case["schema"])
    validator = jsonschema.Draft202012Validator(case["schema"], format_checker=checker)
    for document in case["documents"]:
        try:
            error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(document)))
            yield document, error and error.message
        except ValueError as error:
            yield document, f"not JSON: {error}"


def main():
    count = wrong = 0
    for line in sys.stdin:
        case = json.loads(line)
        for document, problem in judged(case):
            count += 1
            if problem:
                wrong += 1
                print(f"seed {case['seed']}: {document} against {json.dumps(case['schema'])}: "
                      f"{problem}")
    print(f"{count} judged, {wrong} wrong")


main()
