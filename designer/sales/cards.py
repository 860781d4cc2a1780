"""Cards and columns of the board as the browser gets them: arrays of words for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from babel.numbers import format_compact_currency, format_currency, get_currency_precision

from designer.components.deal_board import Packed, PackedBoard
from designer.ladders.span_words import span_words
from designer.sales.words import CLOCKS, in_language
from designer.visitor import Visitor
from engine.local_time import local_date
from engine.services.deals.board import Board, BoardColumn, Card

_SHORT_FROM: Final = 100_000


def packed_board(
    board: Board,
    cards: dict[str, list[Card]],
    visitor: Visitor,
    now: datetime,
    generation: int,
) -> PackedBoard:
    names = stage_names(board, visitor)
    return PackedBoard(
        generation,
        [_column(one, board.base_currency, visitor) for one in board.columns],
        [
            [packed_card(card, names, visitor, now) for card in cards.get(one.stage.key, ())]
            for one in board.columns
        ],
        None
        if board.ways is None
        else [sorted(board.ways.get(one.stage.key, ())) for one in board.columns],
    )


def stage_names(board: Board, visitor: Visitor) -> dict[str, str]:
    return {
        one.stage.key: in_language(one.stage.label, one.stage.label_zh, visitor.t)
        for one in board.columns
    }


def packed_sums(board: Board, visitor: Visitor) -> list[Packed]:
    return [_sums(one, board.base_currency, visitor) for one in board.columns]


def packed_card(card: Card, names: dict[str, str], visitor: Visitor, now: datetime) -> Packed:
    """In the order that `deal_board.js` names."""
    t, formats = visitor.t, visitor.formats
    words, tone = CLOCKS[card.clock.state]
    waits = ""
    if card.request_id is not None:
        to = names.get(card.to_stage or "", card.to_stage or "")
        waits = t("Waits for approval: {stage}", stage=to)
    expected = card.expected_close_on
    packed: list[Any] = [
        card.id,
        card.rank,
        card.name,
        card.account or card.contact or "",
        amount_words(card.amount_minor, card.currency, visitor),
        card.owner or "",
        formats.span(max(now - card.entered_at, timedelta(minutes=1))),
        tone,
        t(words) if words else "",
        formats.day(expected) if expected else "",
        expected is not None
        and expected < local_date(now, visitor.zone)
        and card.clock.state != "none",
        waits,
        next_words(card, visitor, now),
        card.cases,
    ]
    return packed


def next_words(card: Card, visitor: Visitor, now: datetime) -> str:
    """What its clock says in a sentence."""
    t, formats, clock = visitor.t, visitor.formats, card.clock
    over = [one for one in clock.alerts if one.is_over]
    if clock.state == "late" or (clock.state == "warned" and over):
        span = span_words(over[-1].after, t, working=True)
        return t("here for more than {span}", span=span)
    if clock.state == "rotting" and clock.rots_at is not None:
        return t("nothing has happened for too long")
    if clock.next_at is not None:
        return t("next alert {when}", when=formats.ago(clock.next_at, now))
    return ""


def amount_words(minor: int | None, currency: str | None, visitor: Visitor) -> str:
    """Whole units; short from a hundred thousand on."""
    if minor is None or currency is None:
        return ""
    return money_short(minor, currency, visitor)


def money_short(minor: int, currency: str, visitor: Visitor) -> str:
    major = minor / 10 ** get_currency_precision(currency)
    locale = visitor.formats.locale
    if abs(major) >= _SHORT_FROM:
        return str(format_compact_currency(major, currency, locale=locale, fraction_digits=1))
    return str(format_currency(round(major), currency, "¤#,##0", locale, currency_digits=False))


def _column(one: BoardColumn, base: str, visitor: Visitor) -> Packed:
    stage = one.stage
    label = in_language(stage.label, stage.label_zh, visitor.t)
    return [stage.key, label, stage.kind, *_sums(one, base, visitor)]


def _sums(one: BoardColumn, base: str, visitor: Visitor) -> Packed:
    t = visitor.t
    whole = money_short(one.base_minor, base, visitor)
    text = whole
    if one.stage.kind == "open":
        share = money_short(one.weighted_minor, base, visitor)
        text = t("{sum} · {weighted} weighted", sum=whole, weighted=share)
    hint = t("Probability {percent} %", percent=one.stage.probability_percent)
    if one.without_rate:
        hint += " · " + t.n(
            "{count} deal has no exchange rate and is left out.",
            "{count} deals have no exchange rate and are left out of the sum.",
            one.without_rate,
        )
    return [one.deals, text, hint]


def where(
    cards: Sequence[Card], names: dict[str, str], visitor: Visitor, now: datetime
) -> list[tuple[str | None, Packed]]:
    """Each with its stage; those that the board does not show have none."""
    return [
        (card.stage if card.matches else None, packed_card(card, names, visitor, now))
        for card in cards
    ]
