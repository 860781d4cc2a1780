"""What people, their managers and their teams won, how often and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.exchange_rates import base_currency
from crm_store.insight.performance import (
    By,
    ClosedRow,
    MoneyRow,
    OpenRow,
    closed,
    names_of_products,
    open_now,
    won_money,
)
from engine.errors import Problem, Refused
from engine.measuring import Interval, wilson
from engine.measuring.durations import FRACTIONS, Durations
from engine.services.actor import Actor, allowed_some
from engine.services.insight.asking import Names, Question, asked_deals, read_names
from engine.services.insight.patience import bounded

BY: Final[tuple[str, ...]] = get_args(By)


@dataclass(frozen=True, slots=True)
class Won:
    """`priced` won deals have an amount in this currency."""

    currency: str
    priced: int
    amount_minor: int

    @property
    def average_minor(self) -> int:
        return round(self.amount_minor / self.priced)


@dataclass(frozen=True, slots=True)
class Performance:
    """Deals that closed in the time asked for, and what is open now. `key` is None for deals that
    belong to nobody. `cycle` is from opening to winning, by the clock."""

    key: str | None
    key_id: int | None
    won: int
    lost: int
    money: tuple[Won, ...]
    base_minor: int
    without_rate: int
    cycle: Durations
    open: int
    open_base_minor: int
    open_without_rate: int

    @property
    def win_rate(self) -> float | None:
        return self.won / (self.won + self.lost) if self.won + self.lost else None

    @property
    def win_interval(self) -> Interval:
        return wilson(self.won, self.won + self.lost)


@dataclass(frozen=True, slots=True)
class Performances:
    """The most won first, in the base currency."""

    by: By
    base_currency: str
    items: tuple[Performance, ...]


async def performance(
    session: AsyncSession, actor: Actor, question: Question, zone: str, *, by: str = "owner"
) -> Performances:
    """Raises NotAllowed, Refused and NotFound."""
    allowed_some(actor, "read", "deal")
    if by not in BY:
        raise Refused(
            "The figures cannot be given.",
            [Problem("/by", "unknown", f"choose one of {', '.join(BY)}")],
        )
    wanted: By = by  # type: ignore[assignment]  # one of them, as just seen
    names = await read_names(session)
    chosen = asked_deals(actor, question, names, zone)
    async with bounded(session):
        done = {row.who: row for row in await closed(session, chosen, wanted, FRACTIONS)}
        still = {row.who: row for row in await open_now(session, chosen, wanted)}
        money: dict[int | None, list[MoneyRow]] = {}
        for row in await won_money(session, chosen, wanted):
            money.setdefault(row.who, []).append(row)
    called = await _called(session, wanted, names)
    items = [
        _item(who, called.get(who or 0), done.get(who), still.get(who), money.get(who, []))
        for who in {*done, *still}
    ]
    items.sort(key=lambda one: (-one.base_minor, -one.won, one.key or ""))
    return Performances(wanted, (await base_currency(session)).currency, tuple(items))


async def _called(session: AsyncSession, by: By, names: Names) -> Mapping[int, str]:
    match by:
        case "owner" | "manager":
            return names.people
        case "team":
            return names.teams
        case "pipeline":
            return {one.id: one.label for one in names.pipelines.values()}
        case "product":
            return await names_of_products(session)
        case "all":
            return {}


def _item(
    who: int | None,
    key: str | None,
    done: ClosedRow | None,
    still: OpenRow | None,
    money: list[MoneyRow],
) -> Performance:
    done = done or ClosedRow(who, 0, 0, 0, 0, 0, None, None)
    still = still or OpenRow(who, 0, 0, 0)
    return Performance(
        key,
        who,
        done.won,
        done.lost,
        tuple(Won(*row[1:]) for row in money),
        done.base_minor,
        done.without_rate,
        Durations(done.timed, done.seconds or 0.0, tuple(done.points or ())),
        still.deals,
        still.base_minor,
        still.without_rate,
    )
