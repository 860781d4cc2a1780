"""Audiences that people let into a flow: starting, watching, pausing, resuming, cancelling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import enrolments as rows
from crm_store.flows import flow_named
from crm_store.models import Enrolment
from engine.errors import Conflict, NotFound, Refused
from engine.rules import parse
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.enrolling import new_enrolment
from engine.services.plans import Plans, current_catalogue

EVERYBODY: Final = True
_MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class EnrolmentLine:
    """How far an audience is. `total` is None until it was counted, `per_second` and `left` (the
    time until the end) while nothing can be said about the pace.
    """

    id: int
    flow: str
    state: str
    looked_at: int
    entered: int
    refused: int
    total: int | None
    per_minute: int | None
    per_second: float | None
    left: timedelta | None
    asked_by: str | None
    created_at: datetime
    ended_at: datetime | None


async def start_enrolment(
    session: AsyncSession,
    actor: Actor,
    plans: Plans,
    flow_name: str,
    *,
    now: datetime,
    rule: Any = None,
    per_minute: int | None = None,
) -> EnrolmentLine:
    """Let everybody in for whom the rule holds at `now`: `EVERYBODY`, a rule document, or None for
    the flow's own audience. Poke `audience` with its id after the commit.

    Raises NotFound, Refused (also RuleRefused), and Conflict while another audience enters.
    """
    allowed(actor, "publish", "flow")
    record = await flow_named(session, flow_name, lock=True)
    flow = None if record is None else (await plans.book(session)).flows.get(record.id)
    if flow is None:
        raise NotFound(f'There is no published flow "{flow_name}". Publish it first.')
    if not flow.enterable:
        raise Conflict(f'Flow "{flow_name}" is retired; nobody enters it.')
    if await rows.open_enrolment(session, flow.id) is not None:
        raise Conflict(
            f'An audience is entering "{flow_name}" already. Wait until it is in, or cancel it.'
        )
    if per_minute is not None and per_minute < 1:
        raise Refused("The pace is a whole number of people per minute, 1 or more.")
    enrolment = new_enrolment(flow, now)
    if rule is not None:
        parse(rule, await current_catalogue(session), event_rule=False)
        enrolment.rule = rule
    elif enrolment.rule is None:
        raise Refused(
            f'Flow "{flow_name}" names no audience of its own. Say who is to enter: a segment, a '
            "rule, or everybody."
        )
    enrolment.per_minute, enrolment.asked_by = per_minute, actor.name
    session.add(enrolment)
    await session.flush()
    after = {"enrolment": enrolment.id, "per_minute": per_minute}
    await audit.record(session, actor, "enrol", "flow", flow.id, after=after)
    return line_of(enrolment, flow_name)


async def list_enrolments(
    session: AsyncSession, actor: Actor, flow_name: str | None = None
) -> list[EnrolmentLine]:
    """The newest audiences, of one flow or of all."""
    allowed(actor, "read", "flow")
    flow_id = None
    if flow_name is not None:
        flow = await flow_named(session, flow_name)
        if flow is None:
            raise NotFound(f'There is no flow "{flow_name}". `cadenza flow list` shows all names.')
        flow_id = flow.id
    return [line_of(*row) for row in await rows.enrolments(session, flow_id, _MOST_SHOWN)]


async def pause_enrolment(session: AsyncSession, actor: Actor, flow_name: str) -> EnrolmentLine:
    """Nobody more enters until `resume_enrolment`; those inside go on."""
    enrolment = await _open(session, actor, flow_name)
    if enrolment.state == rows.RUNNING:
        enrolment.state, enrolment.going_since = rows.PAUSED, None
        await _note(session, actor, enrolment, "pause_enrolment")
    return line_of(enrolment, flow_name)


async def resume_enrolment(
    session: AsyncSession, actor: Actor, flow_name: str, now: datetime
) -> EnrolmentLine:
    """Go on where it stopped. Poke `audience` with its id after the commit."""
    enrolment = await _open(session, actor, flow_name)
    if enrolment.state == rows.PAUSED:
        enrolment.state = rows.RUNNING
        enrolment.going_since, enrolment.went_from = now, enrolment.looked_at
        await _note(session, actor, enrolment, "resume_enrolment")
    return line_of(enrolment, flow_name)


async def cancel_enrolment(
    session: AsyncSession, actor: Actor, flow_name: str, now: datetime
) -> EnrolmentLine:
    """Nobody more enters; those who have entered go on."""
    enrolment = await _open(session, actor, flow_name)
    rows.finish(enrolment, rows.CANCELLED, now)
    await _note(session, actor, enrolment, "cancel_enrolment")
    return line_of(enrolment, flow_name)


async def _open(session: AsyncSession, actor: Actor, flow_name: str) -> Enrolment:
    allowed(actor, "publish", "flow")
    flow = await flow_named(session, flow_name)
    if flow is None:
        raise NotFound(f'There is no flow "{flow_name}". `cadenza flow list` shows all names.')
    found = await rows.open_enrolment(session, flow.id)
    # asked again under the lock: its last page may just have been written
    enrolment = None if found is None else await rows.lock_enrolment(session, found.id)
    if enrolment is None or enrolment.state not in rows.OPEN:
        raise Conflict(f'No audience is entering "{flow_name}" now.')
    return enrolment


async def _note(session: AsyncSession, actor: Actor, enrolment: Enrolment, verb: str) -> None:
    after = {"enrolment": enrolment.id, "looked_at": enrolment.looked_at}
    await audit.record(session, actor, verb, "flow", enrolment.flow_id, after=after)


def line_of(enrolment: Enrolment, flow_name: str) -> EnrolmentLine:
    """An enrolment as people see it."""
    pace = _pace(enrolment)
    rest = None if enrolment.total is None else max(enrolment.total - enrolment.looked_at, 0)
    return EnrolmentLine(
        id=enrolment.id,
        flow=flow_name,
        state=enrolment.state,
        looked_at=enrolment.looked_at,
        entered=enrolment.entered,
        refused=enrolment.refused,
        total=enrolment.total,
        per_minute=enrolment.per_minute,
        per_second=pace,
        left=timedelta(seconds=round(rest / pace)) if pace and rest is not None else None,
        asked_by=enrolment.asked_by,
        created_at=enrolment.created_at,
        ended_at=enrolment.ended_at,
    )


def _pace(enrolment: Enrolment) -> float | None:
    """People looked at per second since it last began to go."""
    since, last = enrolment.going_since, enrolment.looked_last_at
    if since is None or last is None or enrolment.ended_at is not None:
        return None
    seconds = (last - since).total_seconds()
    gone = enrolment.looked_at - enrolment.went_from
    return gone / seconds if seconds > 0 and gone > 0 else None
