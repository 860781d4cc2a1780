"""What somebody wants to know about deals: which ones, and of which time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight import chosen as rows
from crm_store.insight.chosen import Chosen, PipelineRow, StageRow
from engine.errors import NotFound, Problem, Refused
from engine.local_time import Span, Unit, add_to_date, first_day, start_of_day
from engine.services.actor import Actor, allowed_some, scope_of
from engine.services.roles.visibility import owners_seen

_PERIOD: Final = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


@dataclass(frozen=True, slots=True)
class Question:
    """Deals of a pipeline (its key), an owner or manager (their id), a team (its name), or all.

    What happened on the days from `since` up to, not including, `until`; `period` is short for
    both: "2026", "2026-Q1", "2026-03".
    """

    pipeline: str | None = None
    owner: int | None = None
    team: str | None = None
    manager: int | None = None
    since: date | None = None
    until: date | None = None
    period: str | None = None

    def days(self) -> tuple[date | None, date | None]:
        """Raises Refused."""
        if self.period is not None:
            return days_of(self.period)
        return self.since, self.until


def days_of(period: str) -> tuple[date, date]:
    """The first day, and the first after it. Raises Refused."""
    found = _PERIOD.fullmatch(period)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise Refused(
            "The period cannot be read.",
            [Problem("/period", "unknown", 'write a year, quarter or month: "2026", "2026-Q1"')],
        )
    year = int(found[1])
    if found[2]:
        return period_days(date(year, int(found[2]) * 3 - 2, 1), "quarter")
    if found[3]:
        return period_days(date(year, int(found[3]), 1), "month")
    return period_days(date(year, 1, 1), "year")


_MONTHS: Final[Mapping[Unit, int]] = {"month": 1, "quarter": 3, "year": 12}


def period_days(day: date, unit: Unit) -> tuple[date, date]:
    """The first day of the month, quarter or year around `day`, and the first after it."""
    first = first_day(day, unit)
    return first, add_to_date(first, Span(months=_MONTHS[unit]))


def period_name(first: date, unit: Unit) -> str:
    """ "2026-03" or "2026-Q1", as `days_of` reads it."""
    if unit == "quarter":
        return f"{first.year}-Q{(first.month + 2) // 3}"
    return f"{first:%Y-%m}" if unit == "month" else f"{first.year}"


@dataclass(slots=True)
class Names:
    """What ids are called."""

    people: Mapping[int, str] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    pipelines: Mapping[int, PipelineRow] = field(default_factory=dict)
    stages: Mapping[int, StageRow] = field(default_factory=dict)


async def read_names(session: AsyncSession) -> Names:
    return Names(
        await rows.names_of_people(session),
        await rows.names_of_teams(session),
        {one.id: one for one in await rows.pipelines(session)},
        {one.id: one for one in await rows.stages(session)},
    )


def chosen_by(question: Question, names: Names, zone: str) -> Chosen:
    """Days begin at midnight in `zone`. Raises Refused and NotFound."""
    since, until = question.days()
    if since is not None and until is not None and since >= until:
        raise Refused(
            "The figures cannot be given.",
            [Problem("/until", "too_early", "must be later than since")],
        )
    pipeline = next((o.id for o in names.pipelines.values() if o.key == question.pipeline), None)
    if question.pipeline is not None and pipeline is None:
        known = ", ".join(one.key for one in names.pipelines.values()) or "none yet"
        raise NotFound(f'There is no pipeline "{question.pipeline}". There are: {known}.')
    team = next((id_ for id_, name in names.teams.items() if name == question.team), None)
    if question.team is not None and team is None:
        raise NotFound(f'There is no team "{question.team}".')
    for id_ in (question.owner, question.manager):
        if id_ is not None and id_ not in names.people:
            raise NotFound(f"There is no user {id_}. `cadenza user list` shows all.")
    return Chosen(
        pipeline,
        question.owner,
        team,
        question.manager,
        start_of_day(since, zone) if since else None,
        start_of_day(until, zone) if until else None,
    )


def asked_deals(actor: Actor, question: Question, names: Names, zone: str) -> Chosen:
    """The same of the deals that the actor may see: who may see some has figures of those. Raises
    NotAllowed too."""
    allowed_some(actor, "read", "deal")
    return replace(
        chosen_by(question, names, zone),
        seen_owners=owners_seen(actor, "deal"),
        sees_unowned=scope_of(actor, "read", "deal") == "team",
    )
