"""Figures as CSV (RFC 4180) that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from engine.services.message_results.figures import Result
from engine.services.spreadsheet_text import harmless

_FIGURES: Final = (
    *("sent", "maybe_sent", "delivered", "opened", "machine_opened", "clicked", "bounced"),
    *("soft_bounced", "blocked", "complained", "unsubscribed"),
)


def csv_of(results: Sequence[Result], columns: Sequence[str]) -> str:
    """With a head line. Of revenue a column for each currency, in minor units; what is not known
    is empty."""
    currencies = sorted({money.currency for one in results for money in one.revenue})
    head = [*columns, *_FIGURES, "conversions", *(f"revenue_minor_{code}" for code in currencies)]
    return table([head, *(_line(one, columns, currencies) for one in results)])


def table(lines: Iterable[Sequence[str | int | float | None]]) -> str:
    """Numbers stay numbers; a text that a spreadsheet would work out gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in line] for line in lines)
    return text.getvalue()


def _line(
    one: Result, columns: Sequence[str], currencies: Sequence[str]
) -> list[str | int | float | None]:
    money = {found.currency: found.amount_minor for found in one.revenue}
    return [
        *(one.key.get(column) for column in columns),
        *(getattr(one.figures, name) for name in _FIGURES),
        one.conversions,
        *(money.get(code, 0) for code in currencies),
    ]


def _cell(value: str | int | float | None) -> str | int | float | None:
    if not isinstance(value, str):
        return value
    return harmless(value.replace("\x00", ""))
