"""The forecast is written down every day, so that it can be held against what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from crm_store.insight.chosen import Chosen, stages
from crm_store.insight.forecast import ForecastRow, open_deals, won_deals
from crm_store.insight.forecast_days import add_lines, begin_day, thin_out
from crm_store.session import Store
from engine.local_time import local_date, local_instant
from engine.measuring.forecasts import weighted
from engine.services.insight.forecast import months_from

# Early in the morning, before anybody moves a deal and after the hour in which clocks change.
AT: Final = time(3, 10)
# For so long every day is kept; of the time before, the first of each month and the Mondays.
KEPT_WHOLE: Final = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Taken:
    """`lines` were written; 0 when the day was written down already. Due again at `next_at`."""

    day: date
    lines: int
    next_at: datetime


async def write_down_forecast(store: Store, now: datetime, zone: str) -> Taken:
    """Once a day, however often it is called; a day on which nothing ran is left out."""
    today = local_date(now, zone)
    async with store.transaction() as session:
        if not await begin_day(session, today, now):
            return Taken(today, 0, next_time(now, zone))
        everything = Chosen()
        chance = {one.id: one.probability_percent for one in await stages(session)}
        month = months_from(today, 1, zone)
        lines = _lines(
            await open_deals(session, everything),
            await won_deals(session, everything, month),
            chance,
        )
        await add_lines(session, today, lines)
        await thin_out(session, today - KEPT_WHOLE)
    return Taken(today, len(lines), next_time(now, zone))


def next_time(now: datetime, zone: str) -> datetime:
    tomorrow = local_date(now, zone) + timedelta(days=1)
    return local_instant(tomorrow, AT, zone)


_KEY: Final = ("pipeline_id", "month", "owner_id", "team_id", "category", "currency")
_SUMS: Final = ("deals", "amount_minor", "base_minor", "without_rate")


def _lines(
    open_: Sequence[ForecastRow], won: Sequence[ForecastRow], chance: dict[int, int]
) -> list[dict[str, Any]]:
    """Stages are added up; what is won weighs all it is worth, and what is open never does: an open
    deal that somebody calls closed is as good as promised."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in open_:
        category = "commit" if row.category == "closed" else row.category
        _add(lines, row._replace(category=category), chance[row.stage_id])
    for row in won:
        _add(lines, row, 100)
    return list(lines.values())


def _add(lines: dict[tuple[Any, ...], dict[str, Any]], row: ForecastRow, percent: int) -> None:
    key = tuple(getattr(row, name) for name in _KEY)
    line = lines.get(key)
    if line is None:
        line = dict(zip(_KEY, key, strict=True)) | dict.fromkeys(_SUMS, 0)
        lines[key] = line | {"weighted_minor": 0, "weighted_base_minor": 0}
        line = lines[key]
    for name in _SUMS:
        line[name] += getattr(row, name)
    line["weighted_minor"] += weighted(row.amount_minor, percent, 100)
    line["weighted_base_minor"] += weighted(row.base_minor, percent, 100)
