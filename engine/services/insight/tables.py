"""Every figure by its name, asked with the same question and answered as a table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from engine.local_time import Span
from engine.services.actor import Actor
from engine.services.calendars.shelf import CalendarShelf
from engine.services.insight import csv_text
from engine.services.insight.accuracy import USUAL_MONTHS as MONTHS_BACK
from engine.services.insight.accuracy import forecast_accuracy
from engine.services.insight.aging import MOST_DEALS, aging
from engine.services.insight.answers import approval_times, escalation_times, ticket_times
from engine.services.insight.asking import Question
from engine.services.insight.bottlenecks import bottlenecks
from engine.services.insight.conversion import conversion
from engine.services.insight.csv_text import Lines
from engine.services.insight.forecast import Forecast, forecast
from engine.services.insight.performance import performance
from engine.stopwatch import working_length


async def usual_day_seconds(session: AsyncSession, shelf: CalendarShelf) -> float:
    """How long somebody works on a usual day, by the calendar that is the default."""
    calendars = await shelf.book(session)
    return working_length(Span(days=1), calendars.get("")).total_seconds()


@dataclass(frozen=True, slots=True)
class Wanted:
    """`by` and `months` where the figure has them, None for what is usual. `day_seconds` is a usual
    working day."""

    question: Question
    now: datetime
    zone: str
    day_seconds: float
    by: str | None = None
    months: int | None = None


Table = Callable[[AsyncSession, Actor, Wanted], Awaitable[Lines]]


async def _forecast(session: AsyncSession, actor: Actor, wanted: Wanted) -> Forecast:
    by, months = wanted.by or "all", wanted.months
    question = wanted.question
    return await forecast(session, actor, question, wanted.now, wanted.zone, by=by, months=months)


async def _forecast_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    return csv_text.forecast_lines(await _forecast(session, actor, wanted))


async def _chance_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    return csv_text.chance_lines(await _forecast(session, actor, wanted))


async def _accuracy_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    months = wanted.months or MONTHS_BACK
    found = await forecast_accuracy(
        session, actor, wanted.question, wanted.now, wanted.zone, months=months
    )
    return csv_text.accuracy_lines(found)


async def _conversion_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    found = await conversion(session, actor, wanted.question, wanted.zone)
    return csv_text.conversion_lines(found)


async def _bottleneck_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    day = wanted.day_seconds
    found = await bottlenecks(
        session, actor, wanted.question, wanted.now, wanted.zone, day_seconds=day
    )
    return csv_text.bottleneck_lines(found)


async def _aging_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    found = await aging(session, actor, wanted.question, wanted.now, wanted.zone, limit=MOST_DEALS)
    return csv_text.aging_lines(found)


async def _performance_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    by = wanted.by or "owner"
    found = await performance(session, actor, wanted.question, wanted.zone, by=by)
    return csv_text.performance_lines(found)


async def _approval_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    return csv_text.approval_lines(
        await approval_times(session, actor, wanted.question, wanted.zone)
    )


async def _escalation_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    found = await escalation_times(session, actor, wanted.question, wanted.zone)
    return csv_text.escalation_lines(found)


async def _ticket_lines(session: AsyncSession, actor: Actor, wanted: Wanted) -> Lines:
    by_owner = wanted.by == "owner"
    found = await ticket_times(session, actor, wanted.question, wanted.zone, by_owner=by_owner)
    return csv_text.ticket_lines(found)


TABLES: Final[Mapping[str, Table]] = {
    "forecast": _forecast_lines,
    "chances": _chance_lines,
    "accuracy": _accuracy_lines,
    "conversion": _conversion_lines,
    "bottlenecks": _bottleneck_lines,
    "aging": _aging_lines,
    "performance": _performance_lines,
    "approvals": _approval_lines,
    "escalations": _escalation_lines,
    "tickets": _ticket_lines,
}
