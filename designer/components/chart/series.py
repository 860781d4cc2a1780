"""What a chart shows, as plain values: for the drawing, the table behind it and the CSV. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from babel.numbers import get_currency_precision

from designer.components.data_table import Cell, Column, Row
from designer.formats import Formats

Kind: TypeAlias = Literal["line", "area", "bar", "stacked", "across", "funnel"]
Form: TypeAlias = Literal["usual", "limit", "pale"]
Number: TypeAlias = float | int | None
NOT_KNOWN = "–"


@dataclass(frozen=True, slots=True)
class Series:
    """`values` stand in the order of the categories; None: not known, a gap.

    A "limit" is drawn as a dashed line over the others, "pale" steps behind them.
    """

    name: str
    values: Sequence[Number]
    form: Form = "usual"

    def packed(self) -> list[Any]:
        return [self.name, self.form, list(self.values)]


@dataclass(frozen=True, slots=True)
class Unit:
    """How values are written: plain numbers, shares of one, or minor units of a currency."""

    kind: Literal["number", "share", "money"] = "number"
    currency: str = ""

    @property
    def digits(self) -> int:
        return get_currency_precision(self.currency) if self.kind == "money" else 0

    def packed(self) -> list[Any]:
        return [self.kind, self.currency, self.digits]

    def words(self, value: Number, formats: Formats) -> str:
        if value is None:
            return NOT_KNOWN
        match self.kind:
            case "share":
                return f"{value:.1%}"
            case "money":
                return formats.money(round(value), self.currency)
            case _:
                return formats.number(value)


NUMBERS = Unit()
SHARES = Unit("share")


def money_in(currency: str) -> Unit:
    return Unit("money", currency)


def has_something(series: Sequence[Series]) -> bool:
    """Whether there is anything to see: a limit alone, or nothing but zeros, is not."""
    return any(value for one in series if one.form != "limit" for value in one.values)


def table_columns(first: str, series: Sequence[Series]) -> list[Column]:
    return [Column(first), *(Column(one.name, "right") for one in series)]


def table_rows(
    series: Sequence[Series], categories: Sequence[str], unit: Unit, formats: Formats
) -> list[Row]:
    return [
        Row((Cell(name), *(Cell(unit.words(_at(one, place), formats)) for one in series)))
        for place, name in enumerate(categories)
    ]


def csv_lines(
    first: str, series: Sequence[Series], categories: Sequence[str]
) -> Iterator[list[str | int | float | None]]:
    """With a head line; money stays in minor units, what is not known is empty."""
    yield [first, *(one.name for one in series)]
    for place, name in enumerate(categories):
        yield [name, *(_at(one, place) for one in series)]


def _at(one: Series, place: int) -> Number:
    return one.values[place] if place < len(one.values) else None
