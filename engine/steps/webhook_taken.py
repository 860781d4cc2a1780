"""What a call takes from elsewhere than the contact.

That is the event that began the run, the deal that the event names, and answers of calls before.
The host looks it up when the call is made first, and what it found is said at every try.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, Field

from engine.flows.problems import Code, SettingProblem, shown
from engine.json_path import clash, is_path
from engine.rules import Catalogue, RuleRefused
from engine.rules.expressions import compile_expression
from engine.steps.field_types import refused

# Under this property the event that begins the run names its deal.
DEAL_ID: Final = "deal_id"
LONGEST_REMEMBERED: Final = 200
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SOURCES: Final = ("event", "deal", "account", "answer")


class Source(NamedTuple):
    """`of` is "event", "deal", "account" or "answer"; `path` is below it. Of an answer `node` is
    the call that remembered it, and `path` the name it did so under."""

    of: str
    path: str
    node: str = ""


def source_of(text: str) -> Source:
    """What a checked text means."""
    of, _, path = text.partition(".")
    if of != "answer":
        return Source(of, path)
    node, _, name = path.partition(".")
    return Source(of, name, node)


def _taken(values: dict[str, Any]) -> dict[str, str]:
    for path, text in values.items():
        if not is_path(path):
            raise refused(Code.BAD_NAME, f"{shown(path)} is no name such as customer.id.")
        if not isinstance(text, str) or not _is_source(text):
            example = "event.deal_id, deal.amount, account.name or answer.<step>.<name>"
            raise refused(Code.BAD_VALUE, f"{shown(text)} is nothing to take; write {example}.")
    if (one := clash(list(values))) is not None:
        raise refused(Code.BAD_VALUE, f"{shown(one)} lies inside a value of another name.")
    return values


def _is_source(text: str) -> bool:
    of, path, node = source_of(text)
    if of not in _SOURCES or not is_path(path):
        return False
    return of != "answer" or bool(_NAME.fullmatch(node) and _NAME.fullmatch(path))


def _remembered(values: dict[str, Any]) -> dict[str, str]:
    for name, place in values.items():
        if not _NAME.fullmatch(name):
            raise refused(Code.BAD_NAME, f"{shown(name)} is no name such as order_number.")
        if not isinstance(place, str) or not is_path(place):
            raise refused(Code.BAD_VALUE, f"{shown(place)} is no place such as data.id.")
    return values


def _place(value: str) -> str:
    if not is_path(value):
        raise refused(Code.BAD_VALUE, f"{shown(value)} is no place such as error.message.")
    return value


Taken = Annotated[dict[str, Any], Field(max_length=50), AfterValidator(_taken)]
Remembered = Annotated[dict[str, Any], Field(max_length=10), AfterValidator(_remembered)]
AnswerPlace = Annotated[str, Field(strict=True), AfterValidator(_place)]


def taken_problems(settings: Mapping[str, Any], catalogue: Catalogue) -> Iterator[SettingProblem]:
    """Facts of the deal that nobody knows. Of settings that may still be wrong; never raises."""
    taken = settings.get("take")
    for path, text in taken.items() if isinstance(taken, dict) else ():
        if not isinstance(text, str) or text.partition(".")[0] not in ("deal", "account"):
            continue
        try:
            compile_expression({"var": text}, catalogue, subject="deal")
        except RuleRefused as wrong:
            said = wrong.problems[0].message
            yield SettingProblem(("take", path), Code.UNKNOWN_FIELD, said)
