"""From a field's text to its value, remembering what was read before: files repeat themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.services import field_values
from engine.services.field_values import ValueRefused, nearest
from engine.services.imports.kinds.base import Reads, RecordField
from engine.services.imports.mapping import FieldSource

Convert = Callable[[str], Any]
_REMEMBERED = 20_000


def converter(field: RecordField, source: FieldSource) -> Convert:
    """Everything but money, which also needs the line's currency, and names of other records."""
    read = _reader(field, source)
    return Remembering(translated(read, source))


def amount_reader(source: FieldSource, currency: str) -> Convert:
    return Remembering(
        partial(
            field_values.minor_units, currency=currency, mark=source.decimal, scale=source.scale
        )
    )


def translated(read: Convert, source: FieldSource) -> Convert:
    """Apply `values` first. An empty result means: say nothing about this field."""
    if not source.values and source.otherwise == "keep":
        return read
    known = {name.strip().casefold(): meant for name, meant in source.values.items()}

    def convert(text: str) -> Any:
        meant = known.get(text.casefold())
        if meant is None:
            if source.otherwise == "refuse":
                raise ValueRefused(
                    "unknown_value",
                    f'"{text[:60]}" is not among the values of the mapping.'
                    f"{nearest(text, source.values)}",
                )
            meant = text if source.otherwise == "keep" else ""
        return read(meant) if meant else None

    return convert


class Remembering:
    """The last answers, refusals too. Bounded: when full it starts again."""

    def __init__(self, convert: Convert) -> None:
        self._convert = convert
        self._answers: dict[str, Any] = {}

    def __call__(self, text: str) -> Any:
        try:
            answer = self._answers[text]
        except KeyError:
            answer = self._ask(text)
        if isinstance(answer, ValueRefused):
            raise ValueRefused(answer.code, answer.message)
        return answer

    def _ask(self, text: str) -> Any:
        if len(self._answers) >= _REMEMBERED:
            self._answers.clear()
        try:
            answer = self._convert(text)
        except ValueRefused as refusal:
            answer = refusal
        self._answers[text] = answer
        return answer


def _reader(field: RecordField, source: FieldSource) -> Convert:
    match field.reads:
        case Reads.DATE:
            return partial(field_values.day, form=source.format)
        case Reads.INSTANT:
            return partial(field_values.instant, form=source.format, zone=source.zone)
        case Reads.INTEGER:
            return partial(_count, mark=source.decimal)
        case Reads.PHONE:
            return partial(field_values.phone, region=source.region)
        case Reads.CHOICE:
            return partial(field_values.choice, allowed=field.choices)
        case _:
            return _SIMPLE[field.reads]


def _count(text: str, mark: Any) -> int:
    return field_values.integer(text, mark=mark)


_SIMPLE: dict[Reads, Convert] = {
    Reads.TEXT: field_values.short_text,
    Reads.LONG_TEXT: field_values.long_text,
    Reads.EMAIL: field_values.email,
    Reads.BOOLEAN: field_values.boolean,
    Reads.COUNTRY: field_values.country,
    Reads.LANGUAGE: field_values.language,
    Reads.TIME_ZONE: field_values.time_zone,
    Reads.CURRENCY: field_values.currency,
    Reads.REFERENCE: field_values.short_text,
}
