#!/usr/bin/env python3
"""What jinja2 makes of chat templates, for ChatTemplateGoldenTests.

    pip install jinja2==3.1.6 && python3 make_goldens.py

Renders every template in templates/ with every conversation in conversations.json, in the
environment transformers 5 uses and with its rules for aliases of the reasoning and for continuing
the last message. Writes renderings.json: for each pair the prompt, or the message of
raise_exception, or the fact that it fails. A prompt stands there without what it begins with like
the prompt before it; `keeps` is the number of those scalars. The clock stands at 2025-03-09
14:05:06. Where the templates are from, templates/README.md says.
"""
import copy
import datetime
import json
import os
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2025, 3, 9, 14, 5, 6)
TAG = "CONTINUE_FINAL_MESSAGE_TAG "


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_run")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _run(self, caller):
        return caller()


class Refused(jinja2.exceptions.TemplateError):
    pass


def environment():
    result = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])

    def raise_exception(message):
        raise Refused(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                          sort_keys=sort_keys)

    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = NOW.strftime
    return result


def with_reasoning_aliases(message):
    names = ("reasoning_content", "thinking", "reasoning")
    reasoning = next((message[n] for n in names if message.get(n) is not None), None)
    if reasoning is None:
        return message
    return {"thinking": reasoning, **message, "reasoning_content": reasoning}


def mark(messages):
    """Appends the tag to the last message; returns the text that is to be continued."""
    content = messages[-1].get("content")
    if content is None:
        raise ValueError("no content")
    if isinstance(content, str):
        messages[-1]["content"] = content + TAG
        return content
    for part in reversed(content):
        if "text" in part:
            text = part["text"]
            part["text"] += TAG
            return text
    raise ValueError("no text")


def render(template, conversation, options):
    messages = [with_reasoning_aliases(m) for m in copy.deepcopy(conversation["messages"])]
    continued = mark(messages) if options.get("continue_final_message") else None
    prompt = template.render(
        messages=messages, tools=conversation.get("tools"), documents=conversation.get("documents"),
        add_generation_prompt=options.get("add_generation_prompt", False),
        **{"bos_token": "<s>", "eos_token": "</s>", **conversation.get("extra", {})})
    if continued is None:
        return prompt
    if continued.strip() not in prompt or TAG.strip() not in prompt:
        raise ValueError("the last message is not in the prompt")
    at = prompt.rindex(TAG.strip())
    return prompt[:at] if prompt[at:at + len(TAG)] == TAG else prompt[:at].rstrip()


def outcome(template, conversation, options):
    try:
        return {"prompt": render(template, conversation, options)}
    except Refused as error:
        return {"refused": str(error)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:120]}


def without_common_start(prompt, before):
    count = len(os.path.commonprefix([prompt, before]))
    return {"keeps": count, "prompt": prompt[count:]}


def main():
    env = environment()
    conversations = json.loads((HERE / "conversations.json").read_text())
    options = [{}, {"add_generation_prompt": True}, {"continue_final_message": True}]
    lines = []
    before = ""
    for path in sorted((HERE / "templates").glob("*.jinja")):
        template = env.from_string(path.read_text())
        for name, conversation in conversations.items():
            for choice in options:
                case = {"template": path.stem, "conversation": name, **choice}
                found = outcome(template, conversation, choice)
                if "prompt" in found:
                    prompt = found["prompt"]
                    found = without_common_start(prompt, before)
                    before = prompt
                lines.append(json.dumps({**case, **found}, ensure_ascii=False))
    head = json.dumps({"jinja2": jinja2.__version__})[:-1]
    text = head + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (HERE / "renderings.json").write_text(text, encoding="utf-8")
    print(len(lines), "cases,", sum('"prompt"' in line for line in lines), "prompts,",
          sum('"refused"' in line for line in lines), "refused")


main()
