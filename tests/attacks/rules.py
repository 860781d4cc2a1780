"""Rules, flows and whatever else people write as data: it is read, never run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.dialects import postgresql

from engine.api.json_bodies import BadJson, read_json
from engine.errors import Refused
from engine.flows.written import TextRefused, read_text
from engine.json_path import at
from engine.rules import RuleRefused, parse
from engine.rules.to_sql import condition
from engine.services.fact_columns import CONTACTS
from engine.services.imports import parse_mapping
from tests.attacks.case import Case, gives, holds, refuses
from tests.rules.adversarial import CATALOGUE

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]

_rule = refuses(RuleRefused)
_flow = refuses(TextRefused)


def _parsed(document: Any) -> Any:
    return parse(document, CATALOGUE, event_rule=False)


def _deep(levels: int) -> Any:
    rule: Any = {"==": [{"var": "contact.country"}, "SG"]}
    for _ in range(levels):
        rule = {"!": [rule]}
    return rule


def _bomb() -> str:
    """Nine levels of ten: a billion, in less than a kilobyte."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for earlier, later in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{later}: &{later} [{', '.join([f'*{earlier}'] * 10)}]")
    return "\n".join(lines)


def _read_flow(text: str | bytes) -> Any:
    written = read_text(text, "attack.yaml")
    if written.problems:
        raise TextRefused(written.problems)
    return written


def _read_mapping(text: str) -> Any:
    return parse_mapping(text, name="attack.yaml")


def _stays_a_value(word: str) -> bool:
    """Whether a word of a rule stands among the statement's values and not in its text."""
    rule = _parsed({"==": [{"var": "contact.country"}, word]})
    compiled = condition(rule, CONTACTS, NOW).compile(dialect=_POSTGRES)
    return word not in str(compiled) and word in map(str, compiled.params.values())


def _within(levels: int) -> bytes:
    return b'{"a":' + b"[" * levels + b"]" * levels + b"}"


_RULES: Mapping[str, tuple[Any, str]] = {
    "ten thousand levels": (_deep(10_000), "CWE-674"),
    "ten thousand parts": ({"and": [True] * 10_000}, "CWE-400"),
    "an operator that there is not": ({"eval": ["1"]}, "CWE-95"),
    "a method of a value": ({"method": [{"var": "contact.email"}, "upper"]}, "CWE-95"),
    "an inner name of Python": ({"==": [{"var": "contact.__class__"}, "x"]}, "CWE-915"),
    "SQL in the name of a field": (
        {"==": [{"var": "contact.email') OR 1=1; DROP TABLE contact; --"}, "x"]},
        "CWE-89",
    ),
    "a field of nobody": ({"==": [{"var": "user.password_hash"}, "x"]}, "CWE-200"),
    "a NUL in a text": ({"==": [{"var": "contact.country"}, "S\0G"]}, "CWE-158"),
    "half a surrogate pair": ({"==": [{"var": "contact.country"}, "\ud800"]}, "CWE-176"),
    "a number of five hundred digits": (
        {">": [{"var": "contact.score"}, 10**500]},
        "CWE-190",
    ),
    "a megabyte of text": ({"==": [{"var": "contact.country"}, "x" * 1_000_000]}, "CWE-400"),
    "a list of a hundred thousand": (
        {"in": [{"var": "contact.country"}, ["x"] * 100_000]},
        "CWE-400",
    ),
    "a list instead of a rule": ([[]], "CWE-20"),
}
_FLOWS: Mapping[str, tuple[str | bytes, str]] = {
    "a billion laughs": (_bomb(), "CWE-776"),
    "an alias of itself": ("a: &a [*a]", "CWE-776"),
    "an object of Python": ("!!python/object/apply:os.system ['id']", "CWE-502"),
    "five thousand brackets": ("[" * 5_000, "CWE-674"),
    "a key twice": ("flow: a\nflow: b\n", "CWE-694"),
    "bytes that are no text": (b"\xff\xfe\x00flow", "CWE-176"),
    "four megabytes": ("x: " + "y" * 4_000_000, "CWE-400"),
}

CASES = [
    *(
        Case(f"rule: {name}", source, "refused with a pointer", _rule(partial(_parsed, document)))
        for name, (document, source) in _RULES.items()
    ),
    *(
        Case(f"flow file: {name}", source, "refused with a line", _flow(partial(_read_flow, text)))
        for name, (text, source) in _FLOWS.items()
    ),
    *(
        Case(
            f"mapping file: {name}",
            source,
            "refused with a line",
            refuses(Refused)(partial(_read_mapping, text)),
        )
        for name, (text, source) in _FLOWS.items()
        if isinstance(text, str) and name in ("a billion laughs", "an object of Python")
    ),
    Case(
        "mapping file: a thousand brackets",
        "CWE-674",
        "refused with a line",
        refuses(Refused)(partial(_read_mapping, "[" * 1_000)),
    ),
    Case(
        "rule: SQL in a value",
        "CWE-89",
        "it stays a value",
        holds(partial(_stays_a_value, "SG'; DROP TABLE contact; --")),
    ),
    Case(
        "JSON: a hundred thousand levels",
        "CWE-674",
        "refused",
        refuses(BadJson)(partial(read_json, _within(100_000))),
    ),
    Case(
        "JSON: deeper than any rule of ours",
        "CWE-674",
        "refused",
        refuses(BadJson)(partial(read_json, _within(500))),
    ),
    Case(
        "JSON: not a number", "RFC 8259 6", "refused", refuses(BadJson)(lambda: read_json(b"NaN"))
    ),
    Case(
        "JSON: half a surrogate pair",
        "RFC 8259 8.2",
        "refused",
        refuses(BadJson)(partial(read_json, b'"\\ud800"')),
    ),
    Case(
        "JSON path: an inner name of Python",
        "CWE-915",
        "nothing is there",
        gives(lambda: at({"a": 1}, "__class__"), None),
    ),
    Case(
        "pattern: the dialect has no regular expressions",
        "CWE-1333",
        "no operator takes one",
        refuses(RuleRefused)(
            partial(_parsed, {"matches": [{"var": "contact.email"}, "(a+)+$"]}),
        ),
    ),
]
