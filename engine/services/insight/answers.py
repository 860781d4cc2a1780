"""How long people take to decide, to take something up, and to answer customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight import answers as rows
from crm_store.insight.answers import Asked, LevelRow, Points
from crm_store.insight.chosen import names_of_people
from engine.measuring.durations import FRACTIONS, Durations, Proposal, proposed_limit
from engine.services.actor import Actor, allowed
from engine.services.insight.asking import Names, Question, chosen_by


@dataclass(frozen=True, slots=True)
class ChainTime:
    """Requests that were asked in the time; `took` is from asking to the end, of those that ended.
    `chain` None: one that was written where it was asked."""

    chain: str | None
    asked: int
    approved: int
    rejected: int
    open: int
    took: Durations


@dataclass(frozen=True, slots=True)
class LevelTime:
    """A level of a chain, from its first voice asked to its last word. `proposed` is a limit that
    three of four kept, by the clock."""

    chain: str | None
    level: str
    took: Durations
    proposed: Proposal | None


@dataclass(frozen=True, slots=True)
class ApproverTime:
    """`open` voices wait for them."""

    user_id: int
    name: str
    open: int
    took: Durations


@dataclass(frozen=True, slots=True)
class ApprovalTimes:
    chains: tuple[ChainTime, ...]
    levels: tuple[LevelTime, ...]
    people: tuple[ApproverTime, ...]


@dataclass(frozen=True, slots=True)
class PolicyTime:
    """Cases that were opened in the time. `further`: the first level did not answer. `took` is from
    opening until somebody took it up; `held`: nobody is there to be told."""

    policy: str
    opened: int
    open: int
    held: int
    further: int
    took: Durations


@dataclass(frozen=True, slots=True)
class TicketTime:
    """Tickets that were opened in the time, those merged into others left out. `late_*` broke what
    was promised; `score` is the mean of the `rated` ones."""

    priority: str
    owner_id: int | None
    owner: str | None
    opened: int
    open: int
    reopened: int
    late_responses: int
    late_solutions: int
    rated: int
    score: float | None
    response: Durations
    solution: Durations


async def approval_times(
    session: AsyncSession, actor: Actor, question: Question, zone: str
) -> ApprovalTimes:
    """The slowest level first. Raises NotAllowed and Refused."""
    allowed(actor, "read", "approval")
    asked = _asked(question, zone)
    people = await names_of_people(session)
    levels = [_level(row) for row in await rows.approval_levels(session, asked)]
    levels.sort(key=lambda one: -(one.took.p50 or 0.0))
    return ApprovalTimes(
        tuple(
            ChainTime(*row[:5], _durations(*row[5:]))
            for row in await rows.approvals(session, asked)
        ),
        tuple(levels),
        tuple(
            ApproverTime(row.user_id, people.get(row.user_id, ""), row.open, _durations(*row[2:]))
            for row in await rows.approvers(session, asked)
        ),
    )


def _level(row: LevelRow) -> LevelTime:
    took = _durations(*row[2:])
    return LevelTime(row.chain, row.level, took, proposed_limit(took))


async def escalation_times(
    session: AsyncSession, actor: Actor, question: Question, zone: str
) -> tuple[PolicyTime, ...]:
    """Raises NotAllowed and Refused."""
    allowed(actor, "read", "escalation")
    found = await rows.escalations(session, _asked(question, zone))
    return tuple(PolicyTime(*row[:5], _durations(*row[5:])) for row in found)


async def ticket_times(
    session: AsyncSession, actor: Actor, question: Question, zone: str, *, by_owner: bool = False
) -> tuple[TicketTime, ...]:
    """By priority, and by owner when asked. Raises NotAllowed and Refused."""
    allowed(actor, "read", "ticket")
    people = await names_of_people(session)
    found = await rows.tickets(session, _asked(question, zone), by_owner=by_owner)
    return tuple(
        TicketTime(
            row.priority,
            row.owner_id,
            people.get(row.owner_id) if row.owner_id else None,
            *row[2:8],
            row.scores / row.rated if row.rated else None,
            _durations(*row[9:12]),
            _durations(*row[12:15]),
        )
        for row in found
    )


def _asked(question: Question, zone: str) -> Asked:
    """Only the days count here: requests, cases and tickets belong to no pipeline."""
    days = chosen_by(
        Question(since=question.since, until=question.until, period=question.period), Names(), zone
    )
    return Asked(days.since, days.until, FRACTIONS)


def _durations(cases: int, seconds: float, points: Points | Sequence[float]) -> Durations:
    return Durations(cases, seconds, tuple(points or ()))
