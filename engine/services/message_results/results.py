"""Figures for every group of messages that a question compares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import message_figures as rows
from crm_store.message_figures import Chosen, ConvertedRow, CountRow, Window
from engine.local_time import Span, parse_span
from engine.services.actor import Actor, allowed
from engine.services.message_results.asking import MOST_ROWS, Question, chosen_by
from engine.services.message_results.figures import Figures, Result, Revenue

# How long after a message a goal without a time of its own counts as brought about by it.
USUAL_WINDOW: Final = Span(days=30)


async def message_results(
    session: AsyncSession, actor: Actor, question: Question, *, limit: int = MOST_ROWS
) -> list[Result]:
    """Those with most messages first. Raises NotAllowed, Refused and NotFound."""
    allowed(actor, "read", "message")
    chosen = await chosen_by(session, question)
    columns = question.columns
    counted = await rows.counts(session, columns, chosen, limit=min(limit, MOST_ROWS))
    goals = await _goals(session, columns, chosen)
    found = [_result(columns, row, goals.get(row.key, ())) for row in counted]
    return found if found or columns else [Result({}, Figures())]


async def _goals(
    session: AsyncSession, columns: Sequence[str], chosen: Chosen
) -> dict[tuple[str | None, ...], list[ConvertedRow]]:
    windows = [
        _window(flow_id, parse_span(within) if within else USUAL_WINDOW)
        for flow_id, within in await rows.goal_spans(session, chosen.flow_id)
    ]
    found: dict[tuple[str | None, ...], list[ConvertedRow]] = defaultdict(list)
    if windows:
        for row in await rows.conversions(session, columns, chosen, windows):
            found[row.key].append(row)
    return found


def _window(flow_id: int, span: Span) -> Window:
    return Window(flow_id, span.months, span.days, span.seconds)


def _result(columns: Sequence[str], row: CountRow, goals: Sequence[ConvertedRow]) -> Result:
    figures = Figures(
        sent=row.sent,
        maybe_sent=row.maybe_sent,
        delivered=row.delivered,
        opened=row.opened,
        machine_opened=row.machine_opened,
        clicked=row.clicked,
        bounced=row.bounced,
        soft_bounced=row.soft_bounced,
        blocked=row.blocked,
        complained=row.complained,
        unsubscribed=row.unsubscribed,
        reached=row.reached,
    )
    if row.delivered == 0 and row.unreported:
        figures = replace(figures, delivered=None)
    revenue = sorted(
        (
            Revenue(one.currency, one.amount_minor, one.base_minor, one.times)
            for one in goals
            if one.currency is not None and one.amount_minor is not None
        ),
        key=lambda one: -one.amount_minor,
    )
    key = dict(zip(columns, row.key, strict=True))
    return Result(key, figures, sum(one.times for one in goals), tuple(revenue))
