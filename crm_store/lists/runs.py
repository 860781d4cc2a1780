"""Lists of runs, and everything one run did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.lists.searching import contact_matches
from crm_store.models import (
    Activity,
    Contact,
    Effect,
    Event,
    Flow,
    FlowVersion,
    Journal,
    Message,
    Run,
    RunState,
)

# Enough to fill any list a search leads to; a search that finds more people is too short to help.
MOST_PEOPLE_FOUND = 2000
LONGEST_RUN_NUMBER = 18
_ITS_CONTACT = and_(Contact.id == Run.subject_id, Run.subject_kind == "contact")


@dataclass(frozen=True, slots=True)
class RunFilter:
    """`search` is part of a name or an address, or a run's number; `code` is how a run ended, or
    why it is held.
    """

    flow: str | None = None
    state: str | None = None
    node: str | None = None
    search: str | None = None
    contact_id: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    id: int
    flow: str
    flow_label: str
    version: int
    contact_id: int
    first_name: str | None
    last_name: str | None
    email: str | None
    state: str
    node: str
    outcome: str | None
    due_at: datetime | None
    listens: list[str]
    entered_at: datetime
    moved_at: datetime


async def runs_page(
    session: AsyncSession,
    wanted: RunFilter,
    *,
    before: int | None,
    limit: int,
    which: ColumnElement[bool] | None = None,
    by_address: bool = True,
) -> list[RunRow]:
    """Newest first, by number; `before` is the last number of the page above, `which` says of whom
    of the contacts."""
    chosen = (
        select(
            Run.id,
            Flow.name,
            Flow.label,
            FlowVersion.number,
            Contact.id,
            Contact.first_name,
            Contact.last_name,
            Contact.email,
            Run.state,
            Run.node,
            Run.outcome,
            Run.due_at,
            Run.listens,
            Run.entered_at,
            Run.moved_at,
        )
        .join(Flow, Flow.id == Run.flow_id)
        .join(FlowVersion, FlowVersion.id == Run.flow_version_id)
        .join(Contact, _ITS_CONTACT)
        .order_by(Run.id.desc())
        .limit(limit)
    )
    if which is not None:
        chosen = chosen.where(which)
    if before is not None:
        chosen = chosen.where(Run.id < before)
    if wanted.flow:
        # As a value and not through the join, so that the index on (flow, id) gives the order.
        flow_id = select(Flow.id).where(Flow.name == wanted.flow).scalar_subquery()
        chosen = chosen.where(Run.flow_id == flow_id)
    if wanted.state:
        chosen = chosen.where(Run.state == wanted.state)
    if wanted.node:
        chosen = chosen.where(Run.node == wanted.node)
    if wanted.code:
        chosen = chosen.where(Run.outcome == wanted.code)
    if wanted.contact_id is not None:
        chosen = chosen.where(Run.subject_id == wanted.contact_id)
    if wanted.search:
        known = contact_matches(wanted.search, by_address=by_address)
        people = select(Contact.id).where(known).limit(MOST_PEOPLE_FOUND)
        number = folded(wanted.search)
        named: ColumnElement[bool] = Run.subject_id.in_(people)
        if number.isdecimal() and len(number) <= LONGEST_RUN_NUMBER:
            named = or_(named, Run.id == int(number))
        chosen = chosen.where(named)
    return [RunRow(*tuple(row)) for row in await session.execute(chosen)]


async def count_held(session: AsyncSession, which: ColumnElement[bool] | None = None) -> int:
    """People who wait for somebody to decide."""
    chosen = select(func.count()).select_from(Run).where(Run.state == RunState.HELD)
    if which is not None:
        chosen = chosen.join(Contact, _ITS_CONTACT).where(which)
    return (await session.execute(chosen)).scalar_one()


async def count_inside(session: AsyncSession, which: ColumnElement[bool]) -> int:
    """Those of these contacts that are in flows now, held ones too, as often as they are."""
    chosen = select(func.count()).select_from(Run).join(Contact, _ITS_CONTACT)
    return (await session.execute(chosen.where(Run.state != RunState.ENDED, which))).scalar_one()


async def run_with_flow(
    session: AsyncSession, run_id: int
) -> tuple[Run, Flow, FlowVersion, Contact | None] | None:
    found = await session.execute(
        select(Run, Flow, FlowVersion, Contact)
        .join(Flow, Flow.id == Run.flow_id)
        .join(FlowVersion, FlowVersion.id == Run.flow_version_id)
        .outerjoin(Contact, _ITS_CONTACT)
        .where(Run.id == run_id)
    )
    row = found.first()
    return (row[0], row[1], row[2], row[3]) if row else None


async def is_run_of(session: AsyncSession, run_id: int, which: ColumnElement[bool]) -> bool:
    """Whether the run is of one of these contacts."""
    chosen = select(Run.id).join(Contact, _ITS_CONTACT).where(Run.id == run_id, which)
    return await session.scalar(chosen) is not None


async def moved_at(session: AsyncSession, run_id: int) -> datetime | None:
    return await session.scalar(select(Run.moved_at).where(Run.id == run_id))


async def journal_of(session: AsyncSession, run_id: int, *, limit: int) -> list[Journal]:
    """The first passes of a run, in order."""
    found = await session.scalars(
        select(Journal).where(Journal.run_id == run_id).order_by(Journal.id).limit(limit)
    )
    return list(found)


async def messages_of_run(session: AsyncSession, run_id: int) -> list[tuple[int, Message]]:
    """Messages with the visit of the node that asked for each."""
    found = await session.execute(
        select(Effect.visit, Message)
        .join(Effect, Effect.id == Message.effect_id)
        .where(Effect.run_id == run_id)
        .order_by(Message.id)
    )
    return [(row[0], row[1]) for row in found]


async def tasks_of_run(session: AsyncSession, run_id: int, contact_id: int) -> list[Activity]:
    found = await session.scalars(
        select(Activity)
        .where(Activity.contact_id == contact_id, Activity.run_id == run_id)
        .order_by(Activity.id)
    )
    return list(found)


async def event_named_by(session: AsyncSession, event_id: int | None) -> Event | None:
    return await session.get(Event, event_id) if event_id is not None else None
