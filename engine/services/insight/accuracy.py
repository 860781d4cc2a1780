"""What was said for a month when it began, against what was won in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.exchange_rates import base_currency
from crm_store.insight.forecast import ForecastRow, won_deals
from crm_store.insight.forecast_days import SaidRow, said_at_the_start
from engine.errors import Problem, Refused
from engine.local_time import Span, add_to_date, first_day, local_date
from engine.measuring.forecasts import Accuracy, Said, accuracy
from engine.services.actor import Actor, allowed_some
from engine.services.insight.asking import Question, asked_deals, read_names
from engine.services.insight.forecast import MOST_MONTHS, month_name, months_from
from engine.services.insight.patience import bounded

USUAL_MONTHS: Final = 6
Measure = Literal["weighted", "commit", "best_case", "everything"]
# Which categories people count on, besides what was won by the day it was said.
_COUNTED: Final[dict[Measure, tuple[str, ...]]] = {
    "commit": ("closed", "commit"),
    "best_case": ("closed", "commit", "best_case"),
    "everything": ("closed", "commit", "best_case", "pipeline"),
}
MEASURES: Final[tuple[Measure, ...]] = ("weighted", *_COUNTED)


@dataclass(frozen=True, slots=True)
class MonthSaid:
    """`day` is the first of the month that was written down, None without any in its first week;
    amounts are minor units of the base currency."""

    month: str
    day: date | None
    weighted_minor: int
    commit_minor: int
    best_case_minor: int
    everything_minor: int
    won_minor: int
    won_deals: int

    def error(self, measure: Measure) -> float | None:
        if self.day is None:
            return None
        return Said(getattr(self, f"{measure}_minor"), self.won_minor).error


@dataclass(frozen=True, slots=True)
class ForecastAccuracy:
    """`measures` are over the months of which something was written down."""

    base_currency: str
    months: tuple[MonthSaid, ...]
    measures: dict[str, Accuracy]


async def forecast_accuracy(
    session: AsyncSession,
    actor: Actor,
    question: Question,
    now: datetime,
    zone: str,
    *,
    months: int = USUAL_MONTHS,
) -> ForecastAccuracy:
    """The last whole months, the oldest first. Raises NotAllowed, Refused and NotFound."""
    allowed_some(actor, "read", "deal")
    problems = []
    if not 1 <= months <= MOST_MONTHS:
        problems.append(Problem("/months", "out_of_range", f"must be 1 to {MOST_MONTHS}"))
    if question.manager is not None:
        said = "what was said is kept by owner and team; ask for one of them"
        problems.append(Problem("/manager", "not_kept", said))
    if problems:
        raise Refused("The accuracy cannot be given.", problems)
    names = await read_names(session)
    chosen = asked_deals(actor, question, names, zone)
    this_month = first_day(local_date(now, zone), "month")
    asked = months_from(add_to_date(this_month, Span(months=-months)), months, zone)
    firsts = [one.first for one in asked]
    async with bounded(session):
        said_rows = await said_at_the_start(session, chosen, firsts)
        won = await won_deals(session, chosen, asked)
    found = tuple(_month(first, said_rows, won) for first in firsts)
    return ForecastAccuracy(
        (await base_currency(session)).currency,
        found,
        {measure: _accuracy(found, measure) for measure in MEASURES},
    )


def _month(first: date, said: Sequence[SaidRow], won: Sequence[ForecastRow]) -> MonthSaid:
    rows = [row for row in said if row.month == first]
    came = [row for row in won if row.month == first]
    return MonthSaid(
        month_name(first),
        rows[0].day if rows else None,
        _sum(rows, "weighted"),
        _sum(rows, "commit"),
        _sum(rows, "best_case"),
        _sum(rows, "everything"),
        sum(row.base_minor for row in came),
        sum(row.deals for row in came),
    )


def _sum(rows: Iterable[SaidRow], measure: Measure) -> int:
    if measure == "weighted":
        return sum(row.weighted_base_minor for row in rows)
    return sum(row.base_minor for row in rows if row.category in _COUNTED[measure])


def _accuracy(months: Iterable[MonthSaid], measure: Measure) -> Accuracy:
    return accuracy(
        [
            Said(getattr(one, f"{measure}_minor"), one.won_minor)
            for one in months
            if one.day is not None
        ]
    )
