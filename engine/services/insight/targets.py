"""What people and teams are to win, and what they won of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.exchange_rates import base_currency
from crm_store.insight import targets as rows
from crm_store.insight.chosen import names_of_people, names_of_teams
from crm_store.insight.targets import TargetRow, WonRow
from engine.errors import NotFound, Problem, Refused
from engine.local_time import start_of_day
from engine.services.actor import Actor, allowed, allowed_some
from engine.services.audit import record as audit
from engine.services.field_values import ValueRefused, currency
from engine.services.insight.asking import days_of, period_days, period_name
from engine.services.insight.patience import bounded
from engine.services.roles.visibility import owners_seen

TargetUnit = Literal["month", "quarter"]
MOST_AT_ONCE: Final = 5_000
MOST_SHOWN: Final = 1_000
LARGEST_MINOR: Final = 2**53
_A_DAY: Final = timedelta(days=1)
_Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class WantedTarget:
    """`period` is "2026-03" or "2026-Q1". It holds for a person (their id), for a team (its name),
    or for everybody together. `place` is where a mistake is told to be."""

    period: str
    currency: str
    amount_minor: int
    owner: int | None = None
    team: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Attainment:
    """A target, and what was won in its period by its holder.

    A target in the base currency counts every deal, at the rate of the day it closed (deals without
    a rate are left out and counted in `without_rate`); one in another currency counts the deals in
    that currency alone.
    """

    id: int
    period: str
    unit: str
    starts_on: date
    owner_id: int | None
    owner: str | None
    team: str | None
    currency: str
    amount_minor: int
    won_deals: int
    won_minor: int
    without_rate: int

    @property
    def share(self) -> float | None:
        return self.won_minor / self.amount_minor if self.amount_minor else None


async def list_targets(
    session: AsyncSession,
    actor: Actor,
    zone: str,
    *,
    period: str | None = None,
    owner: int | None = None,
    team: str | None = None,
) -> list[Attainment]:
    """Of periods that begin within `period` ("2026", "2026-Q1", "2026-03"), or all; the newest
    first. Who may see only some deals is told the targets of those people alone, for what is won
    towards any other could not be told. Raises NotAllowed, NotFound and Refused."""
    allowed(actor, "read", "target")
    allowed_some(actor, "read", "deal")
    first, after = days_of(period) if period else (None, None)
    team_id = None if team is None else await _team(session, team)
    # the first day after is no day of the period
    last = after - _A_DAY if after else None
    seen = owners_seen(actor, "deal")
    found = await rows.targets(session, first, last, owner, team_id, limit=MOST_SHOWN, holders=seen)
    return await _attained(session, found, zone)


async def set_targets(
    session: AsyncSession, actor: Actor, wanted: Sequence[WantedTarget], now: datetime
) -> list[int]:
    """Write targets; one for the same period, holder and currency is replaced.

    The ids of those that are new or different: none when the same is set twice. Raises NotAllowed,
    and Refused with every problem; then nothing is written.
    """
    allowed(actor, "edit", "target")
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(f"{len(wanted):,} targets at once are too many; send {MOST_AT_ONCE:,}.")
    people, teams = await names_of_people(session), await names_of_teams(session)
    ids = {name: id_ for id_, name in teams.items()}
    problems: list[Problem] = []
    lines: dict[tuple[object, ...], dict[str, object]] = {}
    for one in wanted:
        row = _row(one, people, ids, problems)
        if row is None:
            continue
        key = tuple(row[name] for name in ("unit", "starts_on", "owner_id", "team_id", "currency"))
        if key in lines:
            problems.append(Problem(one.place, "twice", "the same target is given further up"))
        lines[key] = row
    if problems:
        raise Refused("No target was written.", problems)
    changed = await rows.put_targets(session, list(lines.values()), now)
    if changed:
        after = {"targets": [{k: str(v) for k, v in row.items()} for row in lines.values()][:100]}
        await audit(session, actor, "edit", "target", changed[0], None, after)
    return changed


async def remove_target(session: AsyncSession, actor: Actor, target_id: int) -> None:
    """Raises NotAllowed and NotFound."""
    allowed(actor, "edit", "target")
    before = await rows.target_by_id(session, target_id)
    if before is None or not await rows.remove_target(session, target_id):
        raise NotFound(f"There is no target {target_id}. `cadenza target list` shows all.")
    said = {name: str(value) for name, value in before._asdict().items() if value is not None}
    await audit(session, actor, "delete", "target", target_id, said)


def _row(
    one: WantedTarget,
    people: dict[int, str],
    teams: dict[str, int],
    problems: list[Problem],
) -> dict[str, object] | None:
    found: list[Problem] = []
    unit, first = _unit(one, found)
    code = ""
    try:
        code = currency(one.currency)
    except ValueRefused as refused:
        found.append(Problem(f"{one.place}/currency", refused.code, refused.message))
    if not 0 <= one.amount_minor <= LARGEST_MINOR:
        found.append(Problem(f"{one.place}/amount_minor", "out_of_range", "must be zero or more"))
    if one.owner is not None and one.team is not None:
        said = "a target is a person's or a team's; leave one of the two out"
        found.append(Problem(f"{one.place}/team", "one_too_many", said))
    if one.owner is not None and one.owner not in people:
        found.append(Problem(f"{one.place}/owner", "unknown", f"there is no user {one.owner}"))
    if one.team is not None and one.team not in teams:
        known = ", ".join(sorted(teams)[:20]) or "none yet"
        said = f'there is no team "{one.team[:60]}"; there are: {known}'
        found.append(Problem(f"{one.place}/team", "unknown", said))
    problems += found
    if found:
        return None
    return {
        "unit": unit,
        "starts_on": first,
        "owner_id": one.owner,
        "team_id": teams[one.team] if one.team is not None else None,
        "currency": code,
        "amount_minor": one.amount_minor,
    }


def _unit(one: WantedTarget, problems: list[Problem]) -> tuple[TargetUnit, date | None]:
    said = 'write a month or a quarter: "2026-03" or "2026-Q1"'
    try:
        first, _ = days_of(one.period)
    except Refused:
        first = None
    if first is None or len(one.period) == len("2026"):
        problems.append(Problem(f"{one.place}/period", "unknown", said))
        return "month", None
    return ("quarter" if "Q" in one.period else "month"), first


async def _team(session: AsyncSession, name: str) -> int:
    for id_, called in (await names_of_teams(session)).items():
        if called == name:
            return id_
    raise NotFound(f'There is no team "{name}".')


async def _attained(
    session: AsyncSession, found: Sequence[TargetRow], zone: str
) -> list[Attainment]:
    stretches = {row.id: _stretch(row, zone) for row in found}
    async with bounded(session):
        won = await rows.won_within(session, sorted(set(stretches.values())))
    by_stretch: dict[_Stretch, list[WonRow]] = defaultdict(list)
    for line in won:
        by_stretch[line.begins, line.ends].append(line)
    base = (await base_currency(session)).currency
    return [_attainment(row, by_stretch[stretches[row.id]], base) for row in found]


def _stretch(row: TargetRow, zone: str) -> _Stretch:
    unit: TargetUnit = "quarter" if row.unit == "quarter" else "month"
    first, after = period_days(row.starts_on, unit)
    return start_of_day(first, zone), start_of_day(after, zone)


def _attainment(row: TargetRow, won: Sequence[WonRow], base: str) -> Attainment:
    in_base = row.currency == base
    unit: TargetUnit = "quarter" if row.unit == "quarter" else "month"
    theirs = [
        line
        for line in won
        if (row.owner_id is None or line.owner_id == row.owner_id)
        and (row.team_id is None or line.team_id == row.team_id)
        and (in_base or line.currency == row.currency)
    ]
    return Attainment(
        row.id,
        period_name(row.starts_on, unit),
        row.unit,
        row.starts_on,
        row.owner_id,
        row.owner,
        row.team,
        row.currency,
        row.amount_minor,
        sum(line.deals for line in theirs),
        sum(line.base_minor if in_base else line.amount_minor for line in theirs),
        sum(line.without_rate for line in theirs) if in_base else 0,
    )
