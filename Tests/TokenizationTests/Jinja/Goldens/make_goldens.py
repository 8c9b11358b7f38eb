#!/usr/bin/env python3
"""What jinja2 makes of small templates, for JinjaGoldenTests.

    pip install jinja2==3.1.6 && python3 make_goldens.py

Writes expressions.json beside this file: a context, and for every template its output or the fact
that it fails. The environment is the one transformers renders chat templates in. And strftime.json:
moments, formats and what Python's strftime makes of them.
"""
import datetime
import json
import pathlib
import platform

import jinja2
import jinja2.ext
import jinja2.sandbox


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_run")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _run(self, caller):
        return caller()


def environment():
    result = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                          sort_keys=sort_keys)

    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    return result


CONTEXT = {
    "n": 7, "m": -3, "f": 2.5, "big": 9007199254740993, "t": True, "no": False, "nothing": None,
    "s": "Hello World", "empty": "", "uni": "naïve café — 東京 🗼", "padded": "  \t x y \n ",
    "multi": "one\ntwo\r\nthree\n\nfive", "csv": "a,b,,c", "quoted": "it's \"quoted\"\\",
    "xs": [3, 1, 2], "names": ["bob", "Alice", "carol", "alice"], "nested": [[1, 2], [3], []],
    "mixed": [1, "a", None, True, 2.5, [1], {"k": "v"}],
    "d": {"b": 1, "a": 2, "C": 3}, "e": {},
    "users": [
        {"name": "bob", "age": 30, "tags": ["x"], "address": {"city": "Rome"}},
        {"name": "Ann", "age": 25, "tags": [], "address": {"city": "Bern"}},
        {"name": "cid", "age": 30, "address": {"city": "rome"}},
    ],
    "message": {"role": "user", "content": "Hi", "items": "shadowed", "tool_calls": []},
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]},
             {"v": 5, "c": []}],
    "html": "<a href=\"x\">&'</a>",
}

# expressions.txt: one a line, written as the inside of '{{ … }}'.
EXPRESSIONS = pathlib.Path(__file__).with_name("expressions.txt").read_text().strip("\n").split("\n")

# Whole templates, and expressions of several lines.
TEMPLATES = [
    "plain text", "", "\n", "\n\n", "a\n", "a\r\nb\rc\n\n", "{", "}}", "%}", "{ {", "#}",
    "{{ s }}\n", "{{ s }}\n\n", "  {{ s }}  ",
    "{{ s -}}  \n x", "x  \n {{- s }}", "x  {{- s -}}  y", "{{+ n }}", "{{ n +}}",
    "{% if t %}\nyes\n{% endif %}\nend", "  {% if t %}\n  yes\n  {% endif %}\nend",
    "a  {% if t %}b{% endif %}  c", "a\n  {% if t %}b\n  {% endif %}  c",
    "a\n  {%- if t %}b\n  {%- endif %}  c", "a\n  {%- if t -%}  \n  b  \n  {%- endif -%}\n  c",
    "a\n  {%+ if t %}b{% endif +%}\nc", "a\n\t {% if t %}b\n\t{% endif %}c",
    "x{# comment #}y", "x\n  {# comment #}\ny", "x {#- c -#} y", "x\n {#+ c +#}\ny", "{# {{ s }} #}",
    "{# unclosed", "{% if t %}", "{% endif %}", "{{ s", "{% s", "{{ }}", "{% %}", "{{ s }",
    "{% raw %}{{ s }}{% endraw %}", "{%- raw -%}  {{ s }}  {%- endraw -%} x",
    "a\n  {% raw %}\n  {% if %}\n  {% endraw %}\nb", "{% raw %}unclosed", "{%raw%}{%endraw%}x",
    "{% raw %}\n x {% endraw %}\ny", "{{ '}}' }}", "{{ '%}' }}", "{% if '%}' %}x{% endif %}",
    "{{ {'a': {'b': 1}} }}", "{{ {'a': {'b': 1}}.a.b }}",
    "{{ [1,\n 2,\n 3] }}", "{{ 'a\nb' }}", "{{ 'a\r\nb' }}",
    "{% if n > 5 %}big{% elif n > 3 %}mid{% else %}small{% endif %}",
    "{% if m > 5 %}big{% elif n > 3 %}mid{% else %}small{% endif %}",
    "{% if no %}a{% elif no %}b{% endif %}x", "{% if t: %}x{% endif %}", "{% if 1, %}x{% endif %}",
    "{% if t %}{{ s|nosuch }}{% endif %}", "{% if no %}{{ s|nosuch }}{% endif %}ok",
    "{% if no %}{% for i in xs %}{{ i|nosuch }}{% endfor %}{% endif %}ok",
    "{{ s|nosuch if no else 'ok' }}", "{{ 'ok' if t else s|nosuch }}", "{% if no %}{{ n is nosuch }}{% endif %}ok",
    "{% for x in xs %}{{ x }},{% endfor %}", "{% for x in [] %}x{% else %}none{% endfor %}",
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}"
    "{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}",
    "{% for x in xs %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}",
    "{% for x in xs %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }} {% endfor %}",
    "{% for x in xs %}{{ loop }}{% endfor %}", "{% for x in xs %}{{ loop.nope }}{% endfor %}",
    "{% for x in xs %}{{ loop.cycle() }}{% endfor %}", "{{ loop }}", "{{ loop.index }}",
    "{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% endfor %}",
    "{% for x in xs if x > 9 %}x{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [[1, 2, 3]] %}x{% endfor %}", "{% for a, b in [1] %}x{% endfor %}",
    "{% for c in 'héy' %}{{ c }}.{% endfor %}", "{% for x in 5 %}x{% endfor %}",
    "{% for x in none %}x{% endfor %}", "{% for x in missing %}x{% else %}e{% endfor %}",
    "{% for x in 1, 2 %}{{ x }}{% endfor %}", "{% for x in (1, 2) %}{{ x }}{% endfor %}",
    "{% for x in xs %}{% for y in xs %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for x in xs %}{% set outer = loop %}{% for y in xs %}{{ outer.index }}{{ y }} {% endfor %}{% endfor %}",
    "{% for x in xs %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1] %}{% break %}{% else %}E{% endfor %}", "{% break %}",
    "{% for x in [1, 2] %}{% continue %}{% else %}E{% endfor %}",
    "{% for x in [1, 2] %}{% if x == 2 %}{% break %}{% endif %}{% else %}E{% endfor %}",
    "{% for x in xs %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}",
    "{% for x in xs %}{% with y = x %}{% if y == 1 %}{% break %}{% endif %}{{ y }}{% endwith %}{% endfor %}",
    "{% for x in xs %}{% filter upper %}a{% if x == 1 %}{% break %}{% endif %}b{% endfilter %}{% endfor %}",
    "{% for x in xs %}{{ x }}{% set x = 9 %}{{ x }}{% endfor %}{{ x }}",
    "{% set c = 0 %}{% for x in xs %}{% set c = c + 1 %}{{ c }}{% endfor %}{{ c }}",
    "{% set ns = namespace(c=0) %}{% for x in xs %}{% set ns.c = ns.c + x %}{% endfor %}{{ ns.c }}",
    "{% set ns = namespace() %}{% set ns.a = 1 %}{% set ns.b = ns.a %}{{ ns.a }}{{ ns.b }}{{ ns }}{{ ns['a'] }}",
    "{% set d2 = {} %}{% set d2.x = 1 %}", "{% set missing.x = 1 %}", "{% set n.x = 1 %}",
    "{% set ns = namespace(x=1) %}{% set ns.x, y = 1, 2 %}{{ ns.x }}{{ y }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a, b = [1] %}", "{% set a = 1, 2 %}{{ a }}",
    "{% set (a, b) = 'xy' %}{{ a }}{{ b }}", "{% set a = b = 1 %}", "{% set 1 = 2 %}", "{% set true = 2 %}",
    "{% set x %}\nblock {{ n }}\n{% endset %}[{{ x }}]", "{% set x | upper %}abc{% endset %}{{ x }}",
    "{% set x | replace('a', 'b') | upper %}aXa{% endset %}{{ x }}",
    "{% set x %}{% set y = 1 %}{% endset %}{{ y }}", "{% set s = s|upper %}{{ s }}",
    "{% if t %}{% set v = 1 %}{% endif %}{{ v }}", "{% if no %}{% set s = 1 %}{% endif %}{{ s }}",
    "{% if no %}{% set v = 1 %}{% endif %}[{{ v }}]",
    "{% for x in xs %}{% if loop.first %}{% set v = x %}{% endif %}[{{ v }}]{% endfor %}",
    "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}",
    "{% with n = n + 1, m = n %}{{ n }} {{ m }}{% endwith %}{{ n }}",
    "{% filter upper %}abc {{ s }}{% endfilter %}", "{% filter replace('a', 'b')|upper %}banana{% endfilter %}",
    "{% filter indent(2) %}a\nb{% endfilter %}", "{% print n, s %}", "{% print n %}",
    "{% macro f() %}x{% endmacro %}{{ f() }}{{ f() }}",
    "{% macro f(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(b=5, a=4) }} {{ f() }}",
    "{% macro f(a, b=a) %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(z=2) }}",
    "{% macro f(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, 3, k=4) }}",
    "{% macro f(a, a) %}{% endmacro %}x", "{% macro f(a=1, b) %}{% endmacro %}x",
    "{% macro f(x) %}{% if x > 0 %}{{ x }}{{ f(x - 1) }}{% endif %}{% endmacro %}{{ f(4) }}",
    "{% macro f() %}{{ s }}{% set s = 'inner' %}{{ s }}{% endmacro %}{{ f() }}{{ s }}",
    "{% macro f() %}{{ q }}{% endmacro %}{% set q = 1 %}{{ f() }}",
    "{% macro f() %}{{ q }}{% endmacro %}{% for q in [1] %}{{ f() }}{% endfor %}",
    "{% macro f(x) %}[{{ caller() }}{{ x }}]{% endmacro %}{% call f(1) %}body {{ n }}{% endcall %}",
    "{% macro f() %}{% for x in xs %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(v) f() %}<{{ v }}>{% endcall %}",
    "{% macro f() %}{{ caller('a', k='b') }}{% endmacro %}{% call(x, k='c', z='d') f() %}{{ x }}{{ k }}{{ z }}{% endcall %}",
    "{% macro f() %}x{% endmacro %}{% call f() %}body{% endcall %}", "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}",
    "{% macro f() %}{{ caller is defined }}{% endmacro %}{{ f() }}{% call f() %}{% endcall %}",
    "{% macro f() %}{{ f.name }}{{ f.arguments }}{% endmacro %}{{ f() }}{{ f.name }}{{ f.arguments }}{{ f }}",
    "{% macro f(a, b) %}{% endmacro %}{{ f.arguments }}{{ f.catch_kwargs }}{{ f.caller }}",
    "{% macro f(a) %}{{ a }}{% endmacro %}{{ [1, 2]|map('string')|map('upper')|join }}{{ f(f) }}",
    "{% macro f(x) -%}\n  [{{ x }}]\n{%- endmacro %}{{ f(1) }}|{{ f(2)|upper }}|{{ f(3)|length }}",
    "{% macro outer() %}{% macro inner() %}i{% endmacro %}{{ inner() }}{% endmacro %}{{ outer() }}{{ inner is defined }}",
    "{% macro f(n=n) %}{{ n }}{% endmacro %}{{ f() }}", "{% macro f(a=missing) %}{{ a is defined }}{% endmacro %}{{ f() }}",
    "{% call s.upper() %}x{% endcall %}", "{% call f %}x{% endcall %}",
    "{% for x in tree recursive %}{{ x.v }}@{{ loop.depth }}({{ loop(x.c) }}){% endfor %}",
    "{% for x in tree recursive %}{{ x.v }}{% if x.c %}[{{ loop(x.c) }}]{% endif %}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for x in tree %}{{ loop(x.c) }}{% endfor %}",
    "{% for x in tree recursive %}{{ x.v }}{{ loop(x.c) }}{% else %}.{% endfor %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.reset() }}{{ c.next() }}",
    "{% set j = joiner() %}{% for x in xs %}{{ j() }}{{ x }}{% endfor %}",
    "{% set j = joiner(' | ') %}{% for x in xs %}{{ j() }}{{ x }}{% endfor %}",
    "{% generation %}a {{ n }}{% endgeneration %}", "{% generation %}{% set g = 1 %}{{ g }}{% endgeneration %}{{ g }}",
    "{% for x in xs %}{% generation %}\n{{ loop.index }}{{ x }}\n{% endgeneration %}{% endfor %}",
    "{%- for x in xs -%}{%- generation -%} {{ x }} {%- endgeneration -%}{%- endfor -%}",
    "{% set g = xs|map('string') %}{{ g|list }}{{ g|list }}", "{% set g = xs|select('odd') %}{% if g %}yes{% endif %}{{ g|first }}{{ g|first }}{{ g|first is defined }}",
    "{% set g = xs|reverse %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}{{ x }}{% endfor %}",
    "{% set i = d.items() %}{{ i|list|length }}{{ i|list|length }}{{ i|length }}",
    "{% set i = d|items %}{{ i|list|length }}{{ i|list|length }}",
    "{% for x in xs|reverse %}{{ x }}{% endfor %}", "{% for x in xs[::-1] %}{{ x }}{% endfor %}",
    "{% for g, us in users|groupby('age') %}{{ g }}:{{ us|map(attribute='name')|join(',') }};{% endfor %}",
    "{% for g in users|groupby('age') %}{{ g.grouper }}:{{ g.list|length }};{% endfor %}",
    "{% for row in range(5)|batch(2) %}{{ row|join }};{% endfor %}", "{% for i in range(3) %}{{ i }}{% endfor %}",
    "{% for i in range(10, 0, -3) %}{{ i }} {% endfor %}", "{% for i in range(100001) %}x{% endfor %}",
    "{% if message['role'] == 'user' and message.content %}{{ message.content|trim }}{% endif %}",
    "{{ raise_exception('a ' ~ n) }}", "{% if n == 7 %}{{ raise_exception('seven') }}{% endif %}",
    "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}", "{% from 'x' import y %}",
    "{% nosuch %}", "{% do xs.append(1) %}", "{% trans %}x{% endtrans %}", "{% endfor %}", "{% for %}", "{% for x %}",
    "{% for x in %}", "{% for x in xs %}", "{% if %}x{% endif %}", "{% set %}", "{% set x %}", "{% macro %}", "{% macro f %}",
    "{% for loop in xs %}{{ loop }}{% endfor %}", "{% else %}", "{% elif t %}", "{% if t %}a{% else %}b{% else %}c{% endif %}",
    "{% for x in xs %}a{% elif t %}b{% endfor %}", "{% if t %}{% for x in xs %}{% endif %}{% endfor %}",
    "{{ s }}{{ ( }}", "{{ s }} }}", "{{ '{{' }}", "{{ s|upper() }}", "{{ s|upper(1) }}", "{{ s|replace(old='o', new='x') }}",
    "{{ s|replace('o', old='x') }}", "{{ xs|join(d='-') }}", "{{ xs|join(sep='-') }}", "{{ s.split(x=1) }}",
    "{%if t%}x{%endif%}", "{%if(t)%}x{%endif%}", "{{n}}{{n}}", "{%for x in xs%}{{x}}{%endfor%}", "{%set x=1%}{{x}}",
    "{% set x = 'a' %}{% set x = x ~ 'b' %}{{ x }}", "{% set kwargs = 5 %}{{ kwargs }}", "{% set range = 5 %}{{ range }}",
    "{{ self }}", "{% set ns = namespace(a=[]) %}{% set ns.a = ns.a + [1] %}{% set ns.a = ns.a + [2] %}{{ ns.a }}",
    "{% set ns = namespace(found=false) %}{% for x in xs %}{% if x == 1 and not ns.found %}{% set ns.found = true %}{{ loop.index0 }}{% endif %}{% endfor %}{{ ns.found }}",
    "{{ '%s' % n }}{{ '%d items' % xs|length }}", "{{ '%d items' % (xs|length) }}",
    "\n{% if t %}\n{% endif %}\n", "{% if t %} {% endif %}x", "a{% if t -%}\n\n b{%- endif %}", "  {{- n }}", "{{ n -}}\n\n",
    "{{ n }}\n{% if t %}\n  indented\n{% endif %}\n{{ m }}", "x\n    {% set q = 1 %}\n    {{ q }}\n",
    "{% for x in xs %}\n  - {{ x }}\n{% endfor %}\n", "{% for x in xs %}\n  {%- if x %} {{ x }}{% endif %}\n{% endfor %}",
    "\u00a0{% if t %}x{% endif %}", "\u3000\n\u3000{% if t %}x{% endif %}", "\u2028{%- if t %}x{% endif %}",
    "é{{ 'é' }}é", "{% set é = 1 %}{{ é }}", "{% set 東 = 1 %}{{ 東 }}", "{{ a\u0301 }}", "{{ 1a }}", "{{ ²x }}",
    "{{ 007 }}", "{{ 00 }}", "{{ 1__0 }}", "{{ 1_ }}", "{{ 0x }}", "{{ 1.e5 }}", "{{ 1.2.3 }}", "{{ xs.0.0 }}", "{{ nested.0.1 }}",
    "{{ n if }}", "{{ n if t else }}", "{{ if t }}", "{{ n is }}", "{{ n is not }}", "{{ n not }}", "{{ n not in }}", "{{ s | }}",
    "{{ xs[1:2:1:1] }}", "{{ xs[] }}", "{{ xs[,] }}", "{{ f(,) }}", "{{ f(a=) }}", "{{ range(1,) }}", "{{ range(*) }}",
    "{{ {1} }}", "{{ {1:} }}", "{{ {:1} }}", "{{ [,] }}", "{{ (,) }}", "{{ [1 2] }}", "{{ 'a' 'b' 1 }}",
    "{{ s.upper().lower().title() }}", "{{ s.upper ().lower() }}", "{{ (s.upper)() }}", "{% set u = s.upper %}{{ u() }}",
    "{{ s['upper']() }}", "{{ message['items']() }}", "{{ message.items() | list }}", "{{ d['keys']()|list }}",
    "{{ [s.upper, s.lower]|map('string')|list|length }}", "{{ xs.copy() + xs }}", "{{ xs == xs.copy() }}",
    "{% for m in users %}{{ m.name }}{{ ' ' if not loop.last else '' }}{% endfor %}",
    "{% for m in users if m.tags is defined and m.tags %}{{ m.name }}{% endfor %}",
    "{% for m in users %}{% if m.tags is not defined %}{% continue %}{% endif %}{{ loop.index }}{% endfor %}",
    "{% set last = users|last %}{{ last.name }}", "{% set users = users[1:] %}{% for u in users %}{{ u.name }}{% endfor %}",
    "{% if users[0].name == 'bob' %}{% set sys = users[0].name %}{% set rest = users[1:] %}{% else %}{% set rest = users %}{% endif %}{{ sys }}{{ rest|length }}",
    "{% set x = none %}{% if x is none %}N{% endif %}{% if not x %}F{% endif %}{{ x }}",
    "{% set content = message.content if message.content is string else '' %}{{ content }}",
    "{% set sep = '\\n' %}{{ 'a' + sep + 'b' }}", "{{ '\\n' }}", "{{ \"\\\"\" }}", "{{ '\\'' }}", "{{ '\\\\' }}", "{{ '\\x' }}",
    "{{ 'a\\\nb' }}", "{{ 'x\\d\\\ncontinued' }}", "{{ ['a', 'b']|join('\\n') }}", "{{ 'x'.join(['a', 'b']) }}", "{{ '' if empty else 'e' }}",
]


FORMATS = ["%d %b %Y", "%Y-%m-%d", "%A, %B %d, %Y", "%a %e %h %y %j", "%H:%M:%S.%f", "%I:%M %p",
           "%-d/%-m %-H %-I %-j", "%U %W %w %u %C", "%c|%x|%X", "%D %F %R %T", "100%% é %n%t|"]


def strftime():
    seconds = [0, -1, 951782399, 951782400, 1709164800, 1735689599, 1735689600, 1741529106,
               4102444800, -2208988800, 1609459199, 1672531200]
    for second in seconds:
        for offset in [0, 3600 * 5 + 1800, -3600 * 8]:
            zone = datetime.timezone(datetime.timedelta(seconds=offset))
            epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
            moment = epoch + datetime.timedelta(seconds=second, microseconds=7)
            naive = moment.astimezone(zone).replace(tzinfo=None)
            for text in FORMATS:
                yield {"seconds": second, "offset": offset, "format": text,
                       "output": naive.strftime(text)}


def write(name, head, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    path = pathlib.Path(__file__).with_name(name)
    path.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")


def render(env, source):
    try:
        return {"template": source, "output": env.from_string(source).render(**CONTEXT)}
    except Exception as error:
        return {"template": source, "error": type(error).__name__, "why": str(error)[:120]}


def main():
    env = environment()
    sources = ["{{ " + line + " }}" for line in EXPRESSIONS] + TEMPLATES
    cases = [render(env, source) for source in sources]
    # A generator or a method prints its address, `self` an object of Jinja's: nothing to compare.
    cases = [case for case in cases
             if not any(mark in case.get("output", "") for mark in (" at 0x", "<Template"))]
    write("expressions.json", {"jinja2": jinja2.__version__, "context": CONTEXT}, cases)
    write("strftime.json", {"python": platform.python_version()}, strftime())
    print(len(cases), "cases,", sum("error" in case for case in cases), "of them errors")


main()
