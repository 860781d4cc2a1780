"""What fired, and how far each flow has looked for dates and firings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import DateFired, DateWatch, Flow, FlowVersion, ScheduleFiring
from crm_store.rowset import rowset


class Fired(NamedTuple):
    contact_id: int
    source: str
    occasion: str
    due_at: datetime


async def lock_watch(session: AsyncSession, flow_id: int) -> DateWatch | None:
    """How far the flow has looked; whoever else looks for it waits until this transaction ends.

    A flow that never looked begins when it was published, or resumed. None when it is gone.
    """
    begins = (
        select(
            Flow.id,
            func.greatest(FlowVersion.published_at, Flow.updated_at).label("looked_until"),
        )
        .join(FlowVersion, FlowVersion.id == Flow.published_version_id)
        .where(Flow.id == flow_id)
    )
    known = select(DateWatch).where(DateWatch.flow_id == flow_id).with_for_update()
    watch = await session.scalar(known)
    if watch is None:
        made = insert(DateWatch).from_select(["flow_id", "looked_until"], begins)
        await session.execute(made.on_conflict_do_nothing())
        watch = await session.scalar(known)
    return watch


async def forget_watches(session: AsyncSession, flow_ids: Collection[int]) -> None:
    """Let flows begin anew, should they ever look again."""
    if flow_ids:
        await session.execute(delete(DateWatch).where(DateWatch.flow_id.in_(flow_ids)))


async def watched(session: AsyncSession) -> dict[int, datetime]:
    """By flow, up to when it has looked; those in the middle of a look are at its beginning."""
    found = await session.execute(select(DateWatch.flow_id, DateWatch.looked_until))
    return {row[0]: row[1] for row in found}


async def fired_since(
    session: AsyncSession, flow_id: int, contact_ids: Collection[int], since: datetime
) -> list[Fired]:
    """What fired for these contacts and was due later than `since`."""
    found = await session.execute(
        text(
            """
            SELECT contact_id, source, occasion, due_at FROM date_fired
            WHERE contact_id = ANY(:contacts) AND flow_id = :flow AND due_at > :since
            """
        ),
        {"contacts": list(contact_ids), "flow": flow_id, "since": since},
    )
    return [Fired._make(row) for row in found]


async def remember_fired(
    session: AsyncSession, flow_id: int, fired: Sequence[Fired], now: datetime
) -> set[tuple[int, str, str]]:
    """Those that had not fired before, as (contact, source, occasion)."""
    if not fired:
        return set()
    found = await session.execute(
        text(
            """
            INSERT INTO date_fired (contact_id, flow_id, source, occasion, due_at, fired_at)
            SELECT contact_id, :flow, source, occasion, due_at, :now
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(contact_id bigint, source text, occasion text, due_at timestamptz)
            ORDER BY contact_id, source, occasion
            ON CONFLICT DO NOTHING
            RETURNING contact_id, source, occasion
            """
        ),
        {"flow": flow_id, "now": now, "rows": rowset([one._asdict() for one in fired])},
    )
    return {(row[0], row[1], row[2]) for row in found}


async def remember_firing(
    session: AsyncSession, flow_id: int, fire_at: datetime, now: datetime
) -> bool:
    """Whether the flow's schedule had not fired for this time before."""
    made = insert(ScheduleFiring).values(flow_id=flow_id, fire_at=fire_at, fired_at=now)
    found = await session.scalar(made.on_conflict_do_nothing().returning(ScheduleFiring.flow_id))
    return found is not None


async def firing_enrols(
    session: AsyncSession, flow_id: int, fire_at: datetime, enrolment_id: int
) -> None:
    firing = await session.get(ScheduleFiring, (flow_id, fire_at))
    if firing is not None:
        firing.enrolment_id = enrolment_id


async def last_firings(session: AsyncSession) -> dict[int, datetime]:
    """By flow, the last time for which its schedule fired."""
    found = await session.execute(
        select(ScheduleFiring.flow_id, func.max(ScheduleFiring.fire_at)).group_by(
            ScheduleFiring.flow_id
        )
    )
    return {row[0]: row[1] for row in found}


async def last_fired(session: AsyncSession) -> dict[int, datetime]:
    """By flow, when a date last let somebody in."""
    found = await session.execute(
        select(DateFired.flow_id, func.max(DateFired.fired_at)).group_by(DateFired.flow_id)
    )
    return {row[0]: row[1] for row in found}
