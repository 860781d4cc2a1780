"""Templates written to break out, to read what they must not, or to take the worker down."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.rendering import RenderFailed, TemplateRefused, check_template, render_text

KNOWN = ("contact.first_name", "contact.tags", "orders[].total")

REFUSED = {
    "class walk": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "class of a fact": "{{ contact.__class__ }}",
    "class by item": "{{ contact['__class__'] }}",
    "globals of a filter": "{{ contact.first_name | attr('__class__') }}",
    "format string": "{{ '{0.__class__}'.format(contact) }}",
    "format filter": "{{ '%s' | format(contact) }}",
    "percent formatting": "{{ '%999999999d' % 1 }}",
    "self": "{{ self }}",
    "self attribute": "{{ self.__init__ }}",
    "cycler": "{{ cycler('a').next() }}",
    "lipsum": "{{ lipsum(5) }}",
    "namespace": "{% set ns = namespace(x=1) %}",
    "call of a range": "{% for i in range(10) %}{% endfor %}",
    "huge range": "{% for i in range(999999999) %}x{% endfor %}",
    "method": "{{ contact.first_name.upper() }}",
    "dict method": "{{ contact.items() }}",
    "pop": "{{ contact.pop('first_name') }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "from import": "{% from 'os' import path %}",
    "extends": "{% extends 'base' %}",
    "block": "{% block x %}{% endblock %}",
    "macro": "{% macro f() %}{{ f() }}{% endmacro %}",
    "call block": "{% call contact() %}{% endcall %}",
    "filter block": "{% filter upper %}x{% endfilter %}",
    "set": "{% set a = 'x' %}",
    "set block": "{% set a %}x{% endset %}",
    "with": "{% with a = 1 %}{% endwith %}",
    "autoescape off": "{% autoescape false %}{{ contact.first_name }}{% endautoescape %}",
    "safe": "{{ contact.first_name | safe }}",
    "map attribute": "{{ orders | map(attribute='__class__') | join }}",
    "tojson": "{{ contact | tojson }}",
    "pprint": "{{ contact | pprint }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "floor division": "{{ 7 // 2 }}",
    "slice": "{{ contact.first_name[0:2] }}",
    "computed key": "{{ contact[contact.first_name] }}",
    "computed key by concatenation": "{{ contact['__cl' ~ 'ass__'] }}",
    "dict literal": "{{ {'a': 1} }}",
    "recursive loop": "{% for o in orders recursive %}{{ loop(o) }}{% endfor %}",
    "three loops deep": "{% for a in orders %}{% for b in orders %}{% for c in orders %}"
    "{% endfor %}{% endfor %}{% endfor %}",
    "loop over a literal": "{% for a in [1, 2, 3] %}{{ a }}{% endfor %}",
    "loop over a filter": "{% for a in contact.first_name | trim %}{{ a }}{% endfor %}",
    "two loop variables": "{% for a, b in contact.tags %}{% endfor %}",
    "private name": "{{ _place }}",
    "the counter of loops": "{{ _walk }}",
    "the inner filter": "{{ orders | _walk }}",
    "loop variable hiding ours": "{% for _place in orders %}{% endfor %}",
    "loop hiding loop": "{% for loop in orders %}{% endfor %}",
    "loop internals": "{% for o in orders %}{{ loop.changed(o) }}{% endfor %}",
    "loop cycle": "{% for o in orders %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "loop iterator": "{% for o in orders %}{{ loop._iterator }}{% endfor %}",
    "star arguments": "{{ contact.first_name | truncate(*contact.tags) }}",
    "double star arguments": "{{ contact.first_name | truncate(**contact) }}",
    "test from outside": "{{ contact is callable }}",
    "do": "{% do contact.clear() %}",
    "break": "{% for o in orders %}{% break %}{% endfor %}",
    "trans": "{% trans %}x{% endtrans %}",
    "debug": "{% debug %}",
    "unclosed": "{% if contact %}",
    "unclosed variable": "{{ contact",
    "stray end": "{% endif %}",
    "not Jinja": "{{ 1 ++ }}",
    "deep brackets": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "deep not": "{{ " + "not " * 5_000 + "1 }}",
    "deep minus": "{{ " + "-" * 5_000 + "1 }}",
    "deep if": "{% if contact %}" * 500 + "{% endif %}" * 500,
    "deep sum": "{{ 1" + " + 1" * 3_000 + " }}",
    "deep attributes": "{{ contact" + ".a" * 3_000 + " }}",
    "deep conditional": "{{ " + "1 if 1 else " * 2_000 + "1 }}",
    "many parts": "{{ contact }}" * 7_000,
    "a number of 5,000 digits": "{{ " + "9" * 5_000 + " }}",
    "too long": "x" * 200_000,
    "NUL in a name": "{{ cont\0act }}",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_template_is_refused_with_a_line(source: str) -> None:
    started = time.process_time()
    problems = check_template(source, KNOWN)
    assert problems
    assert all(problem.line >= 1 and problem.message for problem in problems)
    assert all(len(problem.message) < 500 for problem in problems)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_template_that_nobody_checked_does_not_run(source: str) -> None:
    facts = {"contact": {"first_name": "Ada", "tags": ["a"]}, "orders": [{"total": 1}]}
    # what only the check can refuse (an unknown variable) fails when it is written
    with pytest.raises((TemplateRefused, RenderFailed)):
        render_text(source, facts)


def test_python_objects_in_the_facts_show_nothing_of_themselves() -> None:
    class Secretive:
        password = "s3cret"

        def __str__(self) -> str:
            return "s3cret"

    facts: dict[str, Any] = {"thing": Secretive()}
    for source in ("{{ thing }}", "{{ thing.password }}", '{{ thing["password"] }}'):
        with pytest.raises(RenderFailed) as failure:
            render_text(source, facts)
        assert "s3cret" not in str(failure.value)


def test_a_long_list_is_not_walked() -> None:
    with pytest.raises(RenderFailed) as failure:
        render_text("{% for o in orders %}x{% endfor %}", {"orders": [1] * 1_001})
    assert failure.value.code == "too_much_work"


def test_loops_in_loops_are_counted_together() -> None:
    source = "{% for a in orders %}{% for b in orders %}{% endfor %}{% endfor %}"
    with pytest.raises(RenderFailed) as failure:
        render_text(source, {"orders": [1] * 100})
    assert failure.value.code == "too_much_work"


def test_a_text_that_grows_in_a_loop_is_cut_off() -> None:
    source = "{% for a in orders %}" + "x" * 2_000 + "{% endfor %}"
    with pytest.raises(RenderFailed) as failure:
        render_text(source, {"orders": [1] * 1_000})
    assert failure.value.code == "too_long"


@pytest.mark.parametrize("source", ["{{ contact.note }}", "{{ contact.note | upper }}"])
def test_a_giant_value_is_not_written(source: str) -> None:
    with pytest.raises(RenderFailed) as failure:
        render_text(source, {"contact": {"note": "x" * 100_000}})
    assert failure.value.code == "too_long"


def test_one_rendering_leaves_nothing_for_the_next() -> None:
    source = "{% for o in orders %}x{% endfor %}"
    for _ in range(3):
        assert len(render_text(source, {"orders": [1] * 900})) == 900
    source = "{% for o in orders %}{% for p in orders %}x{% endfor %}{% endfor %}"
    for _ in range(3):
        assert len(render_text(source, {"orders": [1] * 65})) == 65 * 65
