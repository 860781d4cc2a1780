"""Audiences entering a flow, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Select,
    Text,
    case,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Enrolment, Flow, Run
from crm_store.partitions import partition_expression

RUNNING: Final = "running"
PAUSED: Final = "paused"
DONE: Final = "done"
CANCELLED: Final = "cancelled"
OPEN: Final = (RUNNING, PAUSED)


async def lock_enrolment(session: AsyncSession, enrolment_id: int) -> Enrolment | None:
    return await session.scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update(),
        # it may have been read before the lock, and have changed while that was waited for
        execution_options={"populate_existing": True},
    )


def finish(enrolment: Enrolment, state: str, now: datetime) -> None:
    enrolment.state = state
    enrolment.ended_at = now


async def running_enrolments(session: AsyncSession) -> list[int]:
    return list(
        await session.scalars(
            select(Enrolment.id).where(Enrolment.state == RUNNING).order_by(Enrolment.id)
        )
    )


async def open_enrolment(session: AsyncSession, flow_id: int) -> Enrolment | None:
    """The audience that is entering the flow, or waits to go on."""
    return await session.scalar(
        select(Enrolment)
        .where(Enrolment.flow_id == flow_id, Enrolment.state.in_(OPEN))
        .order_by(Enrolment.id.desc())
        .limit(1)
    )


async def enrolments(
    session: AsyncSession, flow_id: int | None, limit: int
) -> list[tuple[Enrolment, str]]:
    """Audiences with the name of their flow, the newest first."""
    chosen = select(Enrolment, Flow.name).join(Flow, Flow.id == Enrolment.flow_id)
    if flow_id is not None:
        chosen = chosen.where(Enrolment.flow_id == flow_id)
    found = await session.execute(chosen.order_by(Enrolment.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in found]


@dataclass(frozen=True, slots=True)
class Alike:
    """What the runs of a page have in common; `holdout` is the outcome of those that are over
    before they begin.
    """

    flow_id: int
    flow_version_id: int
    entry_key: str
    node: str
    happening: dict[str, Any]
    shards: int
    holdout: str


@dataclass(frozen=True, slots=True)
class Entered:
    """`last` is the largest id that was looked at."""

    looked_at: int
    entered: int
    last: int | None


_COLUMNS: Final = (
    *("flow_id", "flow_version_id", "subject_id", "entry_key", "shard", "state", "node", "visit"),
    *("due_at", "happening", "outcome", "entered_at", "moved_at", "ended_at"),
)


async def insert_page(
    session: AsyncSession,
    page: Select[Any],
    alike: Alike,
    now: datetime,
) -> Entered:
    """Let a page of contacts in by one statement, which never leaves the database. `page` selects
    (id, whether held out). Whoever has a run under the key already is left out.
    """
    ids = page.cte("page")
    contact, over = ids.c[0], ids.c[1]
    at = literal(now, DateTime(timezone=True))
    rows = select(
        literal(alike.flow_id, BigInteger),
        literal(alike.flow_version_id, BigInteger),
        contact,
        literal(alike.entry_key, Text),
        partition_expression(contact, alike.shards),
        case((over, literal("ended", Text)), else_=literal("active", Text)),
        literal(alike.node, Text),
        literal(1, Integer),
        case((over, null()), else_=at),
        literal(alike.happening, JSONB),
        case((over, literal(alike.holdout, Text)), else_=null()),
        at,
        at,
        case((over, at), else_=null()),
    ).order_by(contact)
    new = (
        insert(Run)
        .from_select(_COLUMNS, rows, include_defaults=False)
        .on_conflict_do_nothing(index_elements=["flow_id", "subject_id", "entry_key"])
        .returning(Run.id)
        .cte("new")
    )
    counted = select(
        select(func.count()).select_from(ids).scalar_subquery(),
        select(func.count()).select_from(new).scalar_subquery(),
        select(func.max(contact)).select_from(ids).scalar_subquery(),
    )
    row = (await session.execute(counted)).one()
    return Entered(row[0], row[1], row[2])
