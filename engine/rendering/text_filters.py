"""Filters on texts and lists. A missing value passes through until it is printed or defaulted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from jinja2 import Undefined
from jinja2.filters import do_title

from engine.rendering.limits import MAX_VALUE_CHARACTERS
from engine.rendering.problems import BadValue

Filter = Callable[..., Any]


def lets_missing_pass(function: Filter) -> Filter:
    @wraps(function)
    def applied(value: Any, *arguments: Any, **named: Any) -> Any:
        if value is None or isinstance(value, Undefined):
            return value
        return function(value, *arguments, **named)

    return applied


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise BadValue(f"This filter takes a text, not {kind_of(value)}.")


def kind_of(value: Any) -> str:
    """What to call a value in a sentence; never the value itself."""
    match value:
        case bool():
            return "a yes/no value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple() | set() | frozenset():
            return "a list"
        case dict() if set(value) == {"minor", "currency"}:
            return "an amount of money"
        case dict():
            return "a group of fields"
        case _:
            return f"a {type(value).__name__}"


def default(value: Any, fallback: Any = "") -> Any:
    """`fallback` where the value is missing, null, or a text with nothing in it."""
    if value is None or isinstance(value, Undefined):
        return fallback
    if isinstance(value, str) and not value.strip():
        return fallback
    return value


@lets_missing_pass
def upper(value: Any) -> str:
    return as_text(value).upper()


@lets_missing_pass
def lower(value: Any) -> str:
    return as_text(value).lower()


@lets_missing_pass
def title(value: Any) -> str:
    titled: str = do_title(as_text(value))
    return titled


@lets_missing_pass
def trim(value: Any) -> str:
    return as_text(value).strip()


@lets_missing_pass
def truncate(value: Any, length: Any = 80, end: Any = "…") -> str:
    """At most `length` characters, cut between words where there are any."""
    words, tail = as_text(value), as_text(end)
    if isinstance(length, bool) or not isinstance(length, int) or length < 1:
        raise BadValue("truncate takes a number of characters, such as truncate(80).")
    if len(words) <= length:
        return words
    cut = words[: max(length - len(tail), 0)]
    head, space, _ = cut.rpartition(" ")
    return (head if space and not words[len(cut)].isspace() else cut).rstrip() + tail


@lets_missing_pass
def join(value: Any, separator: Any = ", ") -> str:
    if not isinstance(value, list | tuple):
        raise BadValue(f"join takes a list, not {kind_of(value)}.")
    between, items = as_text(separator), [as_text(item) for item in value]
    # before it is made: a join of joins of joins grows by the length of the list each time
    if sum(map(len, items)) + len(between) * max(len(items) - 1, 0) > MAX_VALUE_CHARACTERS:
        raise BadValue("What join makes is too long; use a shorter separator.", "too_long")
    return between.join(items)


def length(value: Any) -> int:
    """How many items or characters; 0 for what is missing."""
    if value is None or isinstance(value, Undefined):
        return 0
    if isinstance(value, str | list | tuple):
        return len(value)
    raise BadValue(f"length takes a list or a text, not {kind_of(value)}.")


@lets_missing_pass
def urlencode(value: Any) -> str:
    """The text as one part of an address, e.g. behind `?name=`."""
    return quote(as_text(value), safe="")


TEXT_FILTERS: dict[str, Filter] = {
    "default": default,
    "upper": upper,
    "lower": lower,
    "title": title,
    "trim": trim,
    "truncate": truncate,
    "join": join,
    "length": length,
    "urlencode": urlencode,
}
