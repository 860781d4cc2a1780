"""The kinds of values that form fields share, each refused with a code and a sentence."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from engine.flows.problems import Code, did_you_mean, shown
from engine.local_time import SpanRefused, parse_span

SLUG: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")


def refused(code: Code, sentence: str) -> PydanticCustomError:
    """An error of a field; `code` comes out in the problem, the sentence is for the person."""
    return PydanticCustomError(code.value, "{sentence}", {"sentence": sentence})


def _span(value: Any) -> str:
    if not isinstance(value, str):
        raise refused(
            Code.BAD_SPAN, f'{shown(value)} is not a duration; write one such as "3d" or "P3D".'
        )
    try:
        span = parse_span(value)
    except SpanRefused as error:
        raise refused(Code.BAD_SPAN, str(error)) from error
    if min(span.months, span.days, span.seconds) < 0 or not span:
        raise refused(
            Code.BAD_SPAN, f'{shown(value)} must be longer than nothing; write one such as "3d".'
        )
    return value


def _offset(value: Any) -> str:
    if not isinstance(value, str):
        raise refused(Code.BAD_SPAN, f'{shown(value)} is no offset; write one such as "-3d".')
    try:
        parse_span(value)
    except SpanRefused as error:
        raise refused(Code.BAD_SPAN, str(error)) from error
    return value


def _clock_time(value: Any) -> str:
    if not (isinstance(value, str) and _CLOCK.fullmatch(value)):
        raise refused(
            Code.BAD_VALUE, f'{shown(value)} is no time of day; write one such as "09:00".'
        )
    return value


def _storable(value: str) -> str:
    if not value.strip():
        raise refused(Code.BAD_VALUE, "this may not be empty.")
    if "\0" in value:
        raise refused(Code.BAD_TEXT, "the text holds a NUL character, which cannot be stored.")
    return value


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise refused(
            Code.BAD_NAME,
            f"{shown(value)} is not a name; use lower-case letters, digits and _, a letter first.",
        )
    return value


def _assignee(value: str) -> str:
    if value != "owner" and not _ADDRESS.fullmatch(value):
        raise refused(
            Code.UNKNOWN_PERSON,
            f'{shown(value)} is nobody; write "owner" or the e-mail address of a user.',
        )
    return value


SpanText = Annotated[str, BeforeValidator(_span)]
OffsetText = Annotated[str, BeforeValidator(_offset)]
ClockTime = Annotated[str, BeforeValidator(_clock_time)]
Line = Annotated[str, Field(strict=True, max_length=200), AfterValidator(_storable)]
Prose = Annotated[str, Field(strict=True, max_length=10_000), AfterValidator(_storable)]
Slug = Annotated[str, Field(strict=True), AfterValidator(_slug)]
Assignee = Annotated[str, Field(strict=True, max_length=320), AfterValidator(_assignee)]
Count = Annotated[int, Field(strict=True)]


def one_of(*options: str) -> BeforeValidator:
    """The value must be one of these words; the refusal names the nearest."""

    def chosen(value: Any) -> str:
        if isinstance(value, str) and value in options:
            return value
        raise refused(
            Code.BAD_CHOICE, f"cannot be {shown(value)}; {did_you_mean(str(value), options)}"
        )

    return BeforeValidator(chosen)
