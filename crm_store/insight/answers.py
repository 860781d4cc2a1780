"""How long people take to decide, to take something up, and to answer customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Points = list[float] | None
_SECONDS: Final = "extract(epoch FROM {})::float8"


class Asked(NamedTuple):
    """What began from `since` up to, not including, `until`."""

    since: datetime | None
    until: datetime | None
    fractions: Sequence[float]

    def parameters(self) -> dict[str, Any]:
        return {"since": self.since, "until": self.until, "fractions": list(self.fractions)}


def _begun(column: str) -> str:
    return (
        f"(CAST(:since AS timestamptz) IS NULL OR {column} >= :since)"
        f" AND (CAST(:until AS timestamptz) IS NULL OR {column} < :until)"
    )


def _spread(column: str) -> str:
    """How many took how long in all, and the percentiles."""
    return (
        f"count({column}), coalesce(sum({column}), 0), "
        f"percentile_cont(CAST(:fractions AS float8[])) WITHIN GROUP (ORDER BY {column})"
    )


class ChainRow(NamedTuple):
    """Requests of a chain (None: written where it was asked) by how they stand. `cases` ended."""

    chain: str | None
    asked: int
    approved: int
    rejected: int
    open: int
    cases: int
    seconds: float
    points: Points


async def approvals(session: AsyncSession, asked: Asked) -> list[ChainRow]:
    took = _SECONDS.format("ended_at - opened_at")
    found = await session.execute(
        text(
            f"""
            SELECT chain, count(*), count(*) FILTER (WHERE status = 'approved'),
                   count(*) FILTER (WHERE status = 'rejected'),
                   count(*) FILTER (WHERE ended_at IS NULL), {_spread("took")}
            FROM (SELECT chain, status, ended_at, {took} AS took
                  FROM approval_request WHERE {_begun("opened_at")}) one
            GROUP BY 1 ORDER BY 1
            """  # noqa: S608 - constants
        ),
        asked.parameters(),
    )
    return [ChainRow(*row) for row in found]


class LevelRow(NamedTuple):
    """`cases` times the level was asked and is over."""

    chain: str | None
    level: str
    cases: int
    seconds: float
    points: Points


async def approval_levels(session: AsyncSession, asked: Asked) -> list[LevelRow]:
    """From when a level's first voice was asked until its last word: a vote, or what Cadenza did
    when the time was over."""
    took = _SECONDS.format("greatest(s.until, d.until) - s.since")
    found = await session.execute(
        text(
            f"""
            SELECT chain, level, {_spread("took")}
            FROM (SELECT r.chain, s.level, {took} AS took
                  FROM (SELECT request_id, round, level, min(asked_at) AS since,
                               max(voted_at) AS until, bool_or(open) AS still
                        FROM approval_seat GROUP BY 1, 2, 3) s
                  JOIN approval_request r ON r.id = s.request_id
                  LEFT JOIN LATERAL (
                      SELECT max(d.at) AS until FROM approval_decision d
                      WHERE d.request_id = s.request_id AND d.round = s.round
                        AND d.level = s.level) d ON true
                  WHERE NOT s.still AND {_begun("s.since")}) one
            WHERE took IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
            """  # noqa: S608 - constants
        ),
        asked.parameters(),
    )
    return [LevelRow(*row) for row in found]


class ApproverRow(NamedTuple):
    """`open` voices still wait for them; `cases` were used, by them or for them."""

    user_id: int
    open: int
    cases: int
    seconds: float
    points: Points


async def approvers(session: AsyncSession, asked: Asked) -> list[ApproverRow]:
    took = _SECONDS.format("voted_at - asked_at")
    found = await session.execute(
        text(
            f"""
            SELECT who, count(*) FILTER (WHERE open), {_spread("took")}
            FROM (SELECT coalesce(by_id, holder_id) AS who, open, {took} AS took
                  FROM approval_seat WHERE {_begun("asked_at")}) one
            GROUP BY 1 ORDER BY 1
            """  # noqa: S608 - constants
        ),
        asked.parameters(),
    )
    return [ApproverRow(*row) for row in found]


class PolicyRow(NamedTuple):
    """Cases of a policy. `further` went beyond the first level; `cases` were taken up."""

    policy: str
    opened: int
    open: int
    held: int
    further: int
    cases: int
    seconds: float
    points: Points


async def escalations(session: AsyncSession, asked: Asked) -> list[PolicyRow]:
    took = _SECONDS.format("acknowledged_at - opened_at")
    found = await session.execute(
        text(
            f"""
            SELECT policy, count(*), count(*) FILTER (WHERE ended_at IS NULL),
                   count(*) FILTER (WHERE ended_at IS NULL AND held_for IS NOT NULL),
                   count(*) FILTER (WHERE level > 1), {_spread("took")}
            FROM (SELECT policy, ended_at, held_for, level, {took} AS took
                  FROM escalation_case WHERE {_begun("opened_at")}) one
            GROUP BY 1 ORDER BY 1
            """  # noqa: S608 - constants
        ),
        asked.parameters(),
    )
    return [PolicyRow(*row) for row in found]


class TicketRow(NamedTuple):
    """Tickets of a priority and owner. `late_*` broke their promise; `rated` gave a score, which
    add up to `scores`. First the responses, then the solutions."""

    priority: str
    owner_id: int | None
    opened: int
    open: int
    reopened: int
    late_responses: int
    late_solutions: int
    rated: int
    scores: int
    responses: int
    response_seconds: float
    response_points: Points
    solutions: int
    solution_seconds: float
    solution_points: Points


async def tickets(session: AsyncSession, asked: Asked, *, by_owner: bool) -> list[TicketRow]:
    owner = "t.owner_id" if by_owner else "CAST(NULL AS bigint)"
    response = _SECONDS.format("t.first_response_at - t.opened_at")
    solution = _SECONDS.format("t.solved_at - t.opened_at")
    found = await session.execute(
        text(
            f"""
            SELECT priority, who, count(*), count(*) FILTER (WHERE solved IS NULL),
                   count(*) FILTER (WHERE reopened > 0),
                   count(*) FILTER (WHERE told @> '["response:breach"]'),
                   count(*) FILTER (WHERE told @> '["resolution:breach"]'),
                   count(score), coalesce(sum(score), 0)::bigint,
                   {_spread("response")}, {_spread("solved")}
            FROM (SELECT t.priority, {owner} AS who, t.reopened, t.clocks -> 'told' AS told,
                         t.satisfaction_score AS score, {response} AS response,
                         {solution} AS solved
                  FROM ticket t
                  WHERE t.merged_into_id IS NULL AND {_begun("t.opened_at")}) one
            GROUP BY 1, 2 ORDER BY 1, 2
            """  # noqa: S608 - constants
        ),
        asked.parameters(),
    )
    return [TicketRow(*row) for row in found]
