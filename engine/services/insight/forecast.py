"""What is likely to be won, month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.exchange_rates import base_currency
from crm_store.insight.forecast import ForecastRow, Month, open_deals, won_deals
from engine.errors import Problem, Refused
from engine.local_time import Span, add_to_date, first_day, local_date, start_of_day
from engine.measuring.forecasts import weighted
from engine.services.actor import Actor, allowed_some
from engine.services.insight.asking import Names, Question, asked_deals, read_names
from engine.services.insight.chances import StageChance, stage_chances
from engine.services.insight.patience import bounded

By = Literal["all", "owner", "team", "category", "pipeline", "stage"]
BY: Final[tuple[str, ...]] = get_args(By)
USUAL_MONTHS: Final = 6
MOST_MONTHS: Final = 24
# Where a month stands otherwise: expected to close before this month, or nobody said when.
OVERDUE: Final = "overdue"
LATER: Final = "later"
UNDATED: Final = "undated"


@dataclass(slots=True)
class Amounts:
    """Minor units. `weighted_minor` is by the chances that the pipeline states, `measured_minor` by
    those of the last year; what is won is in neither.

    `without_rate` deals have an amount that no rate converts: the sum leaves them out.
    """

    currency: str | None
    deals: int = 0
    amount_minor: int = 0
    weighted_minor: int = 0
    measured_minor: int = 0
    won_deals: int = 0
    won_minor: int = 0
    without_rate: int = 0

    @property
    def expected_minor(self) -> int:
        return self.won_minor + self.weighted_minor


@dataclass(slots=True)
class ForecastGroup:
    """`period` is a month ("2026-03"), or "overdue", "later" or "undated". `key` is whatever is
    compared, None for deals that have none of it; `key_id` its number where it has one."""

    period: str
    key: str | None
    key_id: int | None
    base: Amounts
    money: dict[str | None, Amounts] = field(default_factory=dict)

    @property
    def amounts(self) -> tuple[Amounts, ...]:
        """One for each currency; deals without an amount come under none."""
        return tuple(self.money[one] for one in sorted(self.money, key=lambda code: code or ""))


@dataclass(frozen=True, slots=True)
class Forecast:
    by: By
    base_currency: str
    months: tuple[str, ...]
    groups: tuple[ForecastGroup, ...]
    chances: tuple[StageChance, ...]


async def forecast(
    session: AsyncSession,
    actor: Actor,
    question: Question,
    now: datetime,
    zone: str,
    *,
    by: str = "all",
    months: int | None = None,
) -> Forecast:
    """From the month of `question.since` (this one, without) on; without `months` to the end of the
    time that is asked about, or for half a year. Raises NotAllowed, Refused and NotFound."""
    allowed_some(actor, "read", "deal")
    today = local_date(now, zone)
    since, until = question.days()
    first = since or today
    if months is None:
        months = USUAL_MONTHS if until is None else max(_months_between(first, until), 1)
    _check(by, months)
    names = await read_names(session)
    chosen = asked_deals(actor, question, names, zone)
    wanted = months_from(first, months, zone, until)
    async with bounded(session):
        found = [*await open_deals(session, chosen), *await won_deals(session, chosen, wanted)]
        chances = await stage_chances(session, names, chosen.pipeline_id, now)
    base = (await base_currency(session)).currency
    groups = _groups(found, _grouping(by, names), names, chances, wanted, today, base)
    return Forecast(
        by,  # type: ignore[arg-type]  # `_check` refused every other text
        base,
        tuple(month_name(one.first) for one in wanted),
        groups,
        tuple(chances.values()),
    )


def month_name(first: date) -> str:
    return f"{first:%Y-%m}"


def months_from(day: date, count: int, zone: str, until: date | None = None) -> list[Month]:
    """Months as instants, the one around `day` first; `until` ends them sooner."""
    found: list[Month] = []
    first = first_day(day, "month")
    for ahead in range(count):
        begins = add_to_date(first, Span(months=ahead))
        if until is not None and begins >= until:
            break
        after = add_to_date(first, Span(months=ahead + 1))
        found.append(Month(begins, start_of_day(begins, zone), start_of_day(after, zone)))
    return found


def _months_between(first: date, after: date) -> int:
    """From the month of the first day to that of the day before `after`."""
    last = after - timedelta(days=1)
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _check(by: str, months: int) -> None:
    problems = []
    if by not in BY:
        problems.append(Problem("/by", "unknown", f"choose one of {', '.join(BY)}"))
    if not 1 <= months <= MOST_MONTHS:
        problems.append(Problem("/months", "out_of_range", f"must be 1 to {MOST_MONTHS}"))
    if problems:
        raise Refused("The forecast cannot be given.", problems)


_Key = tuple[str | None, int | None]


def _grouping(by: str, names: Names) -> Callable[[ForecastRow], _Key]:
    def pipeline(row: ForecastRow) -> _Key:
        return names.pipelines[row.pipeline_id].key, row.pipeline_id

    def stage(row: ForecastRow) -> _Key:
        return names.stages[row.stage_id].key, row.stage_id

    def owner(row: ForecastRow) -> _Key:
        return names.people.get(row.owner_id or 0), row.owner_id

    def team(row: ForecastRow) -> _Key:
        return names.teams.get(row.team_id or 0), row.team_id

    chosen: Mapping[str, Callable[[ForecastRow], _Key]] = {
        "all": lambda _row: (None, None),
        "owner": owner,
        "team": team,
        "category": lambda row: (row.category, None),
        "pipeline": pipeline,
        "stage": stage,
    }
    return chosen[by]


def _groups(
    found: Sequence[ForecastRow],
    grouping: Callable[[ForecastRow], _Key],
    names: Names,
    chances: Mapping[int, StageChance],
    months: Sequence[Month],
    today: date,
    base: str,
) -> tuple[ForecastGroup, ...]:
    groups: dict[tuple[str, _Key], ForecastGroup] = {}
    for row in found:
        period, key = _period(row, months, today), grouping(row)
        if period is None:
            continue
        group = groups.get((period, key))
        if group is None:
            group = groups[period, key] = ForecastGroup(period, *key, Amounts(base))
        money = group.money.setdefault(row.currency, Amounts(row.currency))
        _add(money, row, row.amount_minor, 0, names, chances)
        _add(group.base, row, row.base_minor, row.without_rate, names, chances)
    return tuple(sorted(groups.values(), key=lambda one: (_order(one.period), one.key or "")))


def _add(
    to: Amounts,
    row: ForecastRow,
    amount: int,
    without_rate: int,
    names: Names,
    chances: Mapping[int, StageChance],
) -> None:
    to.without_rate += without_rate
    if names.stages[row.stage_id].kind == "won":
        to.won_deals += row.deals
        to.won_minor += amount
        return
    chance = chances[row.stage_id]
    to.deals += row.deals
    to.amount_minor += amount
    to.weighted_minor += weighted(amount, chance.stated_percent, 100)
    to.measured_minor += weighted(amount, *chance.fraction())


def _period(row: ForecastRow, months: Sequence[Month], today: date) -> str | None:
    """None for what lies before the months that were asked for, but is not overdue yet."""
    if row.month is None:
        return UNDATED
    if any(one.first == row.month for one in months):
        return month_name(row.month)
    if row.month < first_day(today, "month"):
        return OVERDUE
    return LATER if not months or row.month > months[-1].first else None


def _order(period: str) -> tuple[int, str]:
    return {OVERDUE: 0, LATER: 2, UNDATED: 3}.get(period, 1), period
