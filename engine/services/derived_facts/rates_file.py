"""Reading a file of exchange rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from babel.numbers import get_currency_precision

from engine.errors import Problem, Refused
from engine.services.field_values import ValueRefused, currency, day, decimal
from engine.services.imports.mapping import Layout
from engine.services.imports.readers import Line, open_table

COLUMNS: Final = ("day", "currency", "rate")
Read = Callable[[object], object]
# Two centuries of daily rates of ten currencies.
MOST_RATES: Final = 750_000
# More digits than anybody publishes; a product with 2^53 stays exact in a decimal of 40.
MOST_DIGITS: Final = 20
_SHOWN_PROBLEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Rate:
    """One `currency` was worth `rate` of the base on `day`; `minor_rate` is that between the
    smallest units of the two.
    """

    day: date
    currency: str
    rate: Decimal
    minor_rate: Decimal


def read_rates(path: Path, base: str) -> list[Rate]:
    """The rates of a CSV or XLSX file with the columns day, currency and rate.

    Raises Refused with every problem and its line; nothing of such a file is used.
    """
    table = open_table(path, Layout())
    names = [name.strip().casefold() for name in table.header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise Refused(
            f"{path.name} lacks the column {', '.join(missing)}. It needs day, currency and rate."
        )
    places = [names.index(column) for column in COLUMNS]
    rates: dict[tuple[date, str], Rate] = {}
    problems: list[Problem] = []
    for line in table.lines:
        if len(rates) + len(problems) >= MOST_RATES:
            raise Refused(f"{path.name} has more than {MOST_RATES:,} rates. Split it up.")
        if not any(cell.strip() for cell in line.cells):
            continue
        found = list(_problems_or_rate(line, places, base))
        problems += [one for one in found if isinstance(one, Problem)]
        for one in found:
            if isinstance(one, Rate):
                before = rates.setdefault((one.day, one.currency), one)
                if before.rate != one.rate:
                    problems.append(_twice(line, one))
    if problems:
        raise Refused(f"Nothing of {path.name} was used.", problems[:_SHOWN_PROBLEMS])
    return list(rates.values())


def _problems_or_rate(line: Line, places: list[int], base: str) -> Iterator[Problem | Rate]:
    cells = [line.cells[place] if place < len(line.cells) else "" for place in places]
    values: list[object] = []
    readers: tuple[Read, ...] = (day, currency, _rate)
    for column, cell, read in zip(COLUMNS, cells, readers, strict=True):
        try:
            values.append(read(cell))
        except ValueRefused as refused:
            yield Problem(f"line {line.number}, {column}", refused.code, refused.message)
    if len(values) < len(COLUMNS):
        return
    on, code, rate = values
    assert isinstance(on, date)
    assert isinstance(code, str)
    assert isinstance(rate, Decimal)
    if code == base:
        message = f"{base} is the base currency; it needs no rate. Remove the line."
        yield Problem(f"line {line.number}, currency", "base_currency", message)
        return
    digits = get_currency_precision(base) - get_currency_precision(code)
    yield Rate(on, code, rate, rate.scaleb(digits))


def _rate(cell: object) -> Decimal:
    """What one of the currency is worth: "1.0842"."""
    rate = decimal(cell)
    if rate <= 0:
        raise ValueRefused("not_positive", f'"{cell}" is no rate; a rate is more than zero.')
    if len(rate.as_tuple().digits) > MOST_DIGITS:
        raise ValueRefused("too_exact", f'"{cell}" has more than {MOST_DIGITS} digits.')
    return rate


def _twice(line: Line, rate: Rate) -> Problem:
    message = f"{rate.currency} has another rate for {rate.day} further up. Keep one of them."
    return Problem(f"line {line.number}", "twice", message)
