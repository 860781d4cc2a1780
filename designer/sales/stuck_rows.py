"""Rows of deals that are held up, with the reasons in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from designer.approval_words import address_of as request_address
from designer.components.data_table import Cell, Row
from designer.sales.cards import amount_words, next_words
from designer.sales.words import CLOCKS, in_language
from designer.visitor import Visitor
from engine.local_time import local_date
from engine.services.deals.board import Card
from engine.services.message_results.csv_text import table


def stuck_row(card: Card, visitor: Visitor, now: datetime) -> Row:
    t = visitor.t
    reasons = [*why(card, visitor, now)]
    request = request_address(card.request_id) if card.request_id is not None else None
    return Row(
        (
            Cell(card.name, f"/deals/{card.id}", sub=card.account or card.contact or ""),
            Cell(in_language(card.stage_name, card.stage_name_zh, t)),
            Cell(card.owner or t("Nobody"), tone=None if card.owner else "warn"),
            Cell(amount_words(card.amount_minor, card.currency, visitor)),
            Cell(visitor.formats.span(max(now - card.entered_at, timedelta(minutes=1)))),
            Cell("; ".join(reasons), request),
        )
    )


def why(card: Card, visitor: Visitor, now: datetime) -> Iterator[str]:
    """Everything that holds the deal up."""
    t, formats = visitor.t, visitor.formats
    if card.request_id is not None:
        yield t("a move waits for an approval")
    said, _ = CLOCKS[card.clock.state]
    if card.clock.state in ("warned", "late", "rotting"):
        more = next_words(card, visitor, now)
        yield f"{t(said)}: {more}" if more else t(said)
    if card.cases:
        yield t.n("{count} open case", "{count} open cases", card.cases)
    day = card.expected_close_on
    if day is not None and day < local_date(now, visitor.zone):
        yield t("should have closed on {day}", day=formats.day(day))
    if card.owner_id is None:
        yield t("nobody has it")


def csv_text(cards: Sequence[Card]) -> str:
    """Codes and plain values, for a spreadsheet."""
    head = (
        *("deal_id", "name", "stage", "owner", "currency", "amount_minor", "entered_at"),
        *("clock", "expected_close_on", "request_id", "open_cases"),
    )
    lines: list[Sequence[str | int | float | None]] = [head]
    for one in cards:
        day = one.expected_close_on
        lines.append(
            (
                *(one.id, one.name, one.stage, one.owner, one.currency, one.amount_minor),
                *(one.entered_at.isoformat(), one.clock.state),
                *(day.isoformat() if day else None, one.request_id, one.cases),
            )
        )
    return table(lines)
