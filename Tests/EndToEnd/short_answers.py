"""A hook for schemathesis: answers stay short, so that a run is about the API and not the model."""

import schemathesis

LENGTHS = {
    "/v1/completions": "max_tokens", "/v1/chat/completions": "max_completion_tokens",
    "/v1/messages": "max_tokens", "/v1/responses": "max_output_tokens"}
TOKENS = 1


def is_long(value):
    return value is None or isinstance(value, (int, float)) and value > TOKENS


@schemathesis.hook
def before_call(context, case, kwargs):
    field = LENGTHS.get(case.path)
    if field and isinstance(case.body, dict):
        if is_long(case.body.get(field)):
            case.body[field] = TOKENS
        for name in ("min_tokens", "n"):
            if isinstance(case.body.get(name), (int, float)):
                case.body[name] = min(case.body[name], TOKENS)
