"""Cases as people see them: what is open, and what happened to one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.escalation_steps import StepRow, steps_of
from crm_store.lists.cases import (
    CaseLine,
    case_line,
    case_lines,
    lines_about,
    people_by_id,
)
from engine.errors import NotFound
from engine.flows.words import Words
from engine.services.actor import Actor, allowed

MOST_LISTED = 500
# Of a case that was told about for weeks the newest are enough to decide by.
MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class ListedCase:
    """`told` are those told so far; `level` is the last one told, from 1, 0
    while nobody was. `due_at` is when something happens by itself."""

    id: int
    title: Words
    body: Words
    subject_kind: str
    subject_id: int
    policy: str
    urgency: str
    status: str
    paused: bool
    held_for: str | None
    level: int
    told: tuple[str, ...]
    asked: int
    opened_at: datetime
    due_at: datetime | None
    owner: str | None
    acknowledged_by_id: int | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    comment: str | None
    path: str


@dataclass(frozen=True, slots=True)
class CaseStep:
    """See `crm_store.models.EscalationStep`; `who` is a name."""

    at: datetime
    kind: str
    round: int | None
    level: int | None
    who: str | None
    why: str | None
    urgency: str | None


async def list_cases(
    session: AsyncSession,
    actor: Actor,
    *,
    mine: bool = False,
    over: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[ListedCase]:
    """What is open, the oldest first, or what is over; for the next page give the last id as
    `after`. `mine`: only what this person was told of or has."""
    allowed(actor, "read", "escalation")
    told = actor.id if mine and actor.kind == "user" else None
    limit = min(limit, MOST_LISTED)
    return await _listed(
        session, await case_lines(session, told_id=told, over=over, after=after, limit=limit)
    )


async def cases_about(
    session: AsyncSession, actor: Actor, subject_kind: str, subject_id: int, limit: int = 20
) -> list[ListedCase]:
    """The newest first, over or not."""
    allowed(actor, "read", "escalation")
    return await _listed(session, await lines_about(session, subject_kind, subject_id, limit))


async def show_case(
    session: AsyncSession, actor: Actor, case_id: int
) -> tuple[ListedCase, list[CaseStep]]:
    """The case and who was told when. Raises NotFound."""
    allowed(actor, "read", "escalation")
    line = await case_line(session, case_id)
    if line is None:
        raise no_case(case_id)
    steps = await steps_of(session, case_id, MOST_STEPS)
    names = await people_by_id(session, {one.user_id for one in steps if one.user_id is not None})
    [case] = await _listed(session, [line])
    return case, [_step(one, names) for one in steps]


def no_case(case_id: int) -> NotFound:
    return NotFound(f"There is no case {case_id}. `cadenza escalation list` shows all.")


async def _listed(session: AsyncSession, lines: Iterable[CaseLine]) -> list[ListedCase]:
    lines = list(lines)
    ids = {
        id_
        for line in lines
        for id_ in (*line.told_ids, line.owner_id, line.acknowledged_by_id, line.ended_by_id)
        if id_ is not None
    }
    names = await people_by_id(session, ids)
    return [_case(line, names) for line in lines]


def _case(line: CaseLine, names: Mapping[int, str]) -> ListedCase:
    def name(id_: int | None) -> str | None:
        return None if id_ is None else names.get(id_)

    return ListedCase(
        id=line.id,
        title=Words(line.title, line.title_zh),
        body=Words(line.body, line.body_zh),
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        policy=line.policy,
        urgency=line.urgency,
        status=line.status,
        paused=line.paused,
        held_for=line.held_for,
        level=line.level,
        told=tuple(names[id_] for id_ in line.told_ids if id_ in names),
        asked=line.asked,
        opened_at=line.opened_at,
        due_at=line.due_at,
        owner=name(line.owner_id),
        acknowledged_by_id=line.acknowledged_by_id,
        acknowledged_by=name(line.acknowledged_by_id),
        acknowledged_at=line.acknowledged_at,
        ended_at=line.ended_at,
        ended_by=name(line.ended_by_id),
        comment=line.comment,
        path=line.path,
    )


def _step(row: StepRow, names: Mapping[int, str]) -> CaseStep:
    who = None if row.user_id is None else names.get(row.user_id)
    return CaseStep(row.at, row.kind, row.round, row.level, who, row.why, row.urgency)
