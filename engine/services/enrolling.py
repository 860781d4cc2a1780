"""Letting a whole audience into a flow, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.drawing import below_percent, drawn_expression
from crm_store.enrolments import (
    CANCELLED,
    DONE,
    RUNNING,
    Alike,
    Entered,
    finish,
    insert_page,
    lock_enrolment,
)
from crm_store.models import Enrolment
from crm_store.new_runs import NewRun, earlier_runs, insert_runs
from engine.errors import Refused
from engine.flows.entry import EarlierRuns, admit, looks_back, needs_event
from engine.flows.holdout import DRAW_PREFIX, is_held_out
from engine.machines.journey import start
from engine.rules import parse
from engine.services.entries import HELD_OUT, new_run
from engine.services.fact_columns import CONTACT
from engine.services.plans import ActiveFlow, Plans, current_catalogue
from engine.services.segments_query import CONTACT_ID, count_matching, ids_matching

# A slowed enrolment goes in portions of so many seconds, so that people come evenly.
PORTION = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Page:
    """`flow` and its shards have runs due when `entered` is not zero; `next_at` is when the next
    page may be looked at, None: at once.
    """

    flow_id: int
    looked_at: int
    entered: int
    done: bool
    next_at: datetime | None = None


def new_enrolment(flow: ActiveFlow, now: datetime) -> Enrolment:
    """Ask for everybody who matches the flow's segment trigger at `now` to enter."""
    entry = flow.plan.flow.entry
    if needs_event(entry):
        raise Refused(
            f'Flow "{flow.name}" lets people in once per "{entry.by}" of an event, so an audience '
            "cannot enter it. Choose another entry policy or send events."
        )
    return Enrolment(
        flow_id=flow.id,
        flow_version_id=flow.version_id,
        rule=flow.plan.flow.trigger.audience,
        entry_key="",
        as_of=now,
        going_since=now,
    )


async def enrol_page(
    session: AsyncSession,
    plans: Plans,
    *,
    enrolment_id: int,
    limit: int,
    advance_shards: int,
    now: datetime,
    default_zone: str,
) -> Page:
    """Look at the next `limit` matching contacts; called again after a crash it goes on from there.

    The cursor moves in the transaction that inserts the runs, and a contact that is in already is
    refused by the unique index, so nobody is missed and nobody enters twice.
    """
    enrolment = await lock_enrolment(session, enrolment_id)
    if enrolment is None or enrolment.state != RUNNING:
        return Page(0, 0, 0, done=True)
    book = await plans.book(session)
    flow = book.flows.get(enrolment.flow_id)
    if flow is None and enrolment.flow_id in book.names:
        # its version cannot be read just now; the enrolment stays open and goes on once it can
        return Page(enrolment.flow_id, 0, 0, done=True)
    if flow is None or not flow.enterable or _is_replaced(enrolment, flow):
        finish(enrolment, CANCELLED, now)
        return Page(enrolment.flow_id, 0, 0, done=True)
    wait_until = _next_portion(enrolment)
    if wait_until is not None and wait_until > now:
        return Page(flow.id, 0, 0, done=False, next_at=wait_until)
    if enrolment.per_minute is not None:
        limit = min(limit, max(1, round(enrolment.per_minute * (PORTION / timedelta(minutes=1)))))
    page = await _next_page(session, enrolment, default_zone)
    entered = await _enter(
        session, flow, enrolment, page.limit(limit), advance_shards, now, default_zone
    )
    _count(enrolment, entered, now)
    done = entered.looked_at < limit
    if done:
        finish(enrolment, DONE, now)
    return Page(flow.id, entered.looked_at, entered.entered, done, _next_portion(enrolment))


def _is_replaced(enrolment: Enrolment, flow: ActiveFlow) -> bool:
    """Whether a newer version has an audience of its own, by its own rule; an audience that people
    enrol goes on with the newer version.
    """
    is_other = flow.version_id != enrolment.flow_version_id
    return is_other and flow.plan.flow.trigger.enrols_when_published


def _next_portion(enrolment: Enrolment) -> datetime | None:
    if enrolment.per_minute is None or enrolment.going_since is None:
        return None
    gone = enrolment.looked_at - enrolment.went_from
    return enrolment.going_since + timedelta(minutes=gone / enrolment.per_minute)


def _count(enrolment: Enrolment, entered: Entered, now: datetime) -> None:
    enrolment.looked_at += entered.looked_at
    enrolment.entered += entered.entered
    enrolment.refused += entered.looked_at - entered.entered
    enrolment.looked_last_at = now
    if entered.last is not None:
        enrolment.cursor = entered.last


async def _next_page(session: AsyncSession, enrolment: Enrolment, zone: str) -> Select[int]:
    """The ids after the cursor, in order; keyset, so a page costs the same at any depth. The first
    page counts how many there will be.

    Who is selected stays there until the transaction ends (`crm_store.recipients`): whoever merges
    or erases one waits for the run that is made, and who is gone by now is passed over.
    """
    document = True if enrolment.rule is None else enrolment.rule
    rule = parse(document, await current_catalogue(session), event_rule=False)
    if enrolment.total is None:
        enrolment.total = await count_matching(session, rule, enrolment.as_of, zone)
    matching = ids_matching(rule, enrolment.as_of, zone)
    ordered = matching.where(enrolment.cursor < CONTACT_ID).order_by(CONTACT_ID)
    return ordered.with_for_update(read=True, key_share=True, of=CONTACT)


async def _enter(
    session: AsyncSession,
    flow: ActiveFlow,
    enrolment: Enrolment,
    page: Select[int],
    shards: int,
    now: datetime,
    zone: str,
) -> Entered:
    why = {"what": "entered", "why": {"by": "audience", "enrolment_id": enrolment.id}}
    entry = flow.plan.flow.entry
    if not looks_back(entry):
        admission = admit(
            entry, occasion=_occasion(enrolment), event=None, earlier=None, now=now, zone=zone
        )
        if admission.key is None:
            raise Refused(f'An audience cannot enter "{flow.name}".')
        alike = Alike(
            flow.id, flow.version_id, admission.key, start(flow.plan).node, why, shards, HELD_OUT
        )
        return await insert_page(session, _with_holdout(page, flow), alike, now)
    contacts = (await session.scalars(page)).all()
    runs = await _runs(session, flow, enrolment, contacts, shards, why, now, zone)
    entered = await insert_runs(session, runs, now)
    return Entered(len(contacts), len(entered), contacts[-1] if contacts else None)


def _occasion(enrolment: Enrolment) -> str:
    return f"audience:{enrolment.id}"


def _with_holdout(page: Select[int], flow: ActiveFlow) -> Select[Any]:
    percent, ids = flow.plan.flow.holdout_percent, page.subquery("matching")
    if percent <= 0:
        return select(ids.c[0], literal(False)).order_by(ids.c[0])
    drawn = drawn_expression(DRAW_PREFIX.format(flow=flow.name), ids.c[0])
    return select(ids.c[0], below_percent(drawn, percent)).order_by(ids.c[0])


async def _runs(
    session: AsyncSession,
    flow: ActiveFlow,
    enrolment: Enrolment,
    contacts: Sequence[int],
    shards: int,
    why: dict[str, Any],
    now: datetime,
    zone: str,
) -> list[NewRun]:
    """The runs of contacts whose earlier ones decide, one by one."""
    entry = flow.plan.flow.entry
    earlier = await earlier_runs(session, {(flow.id, contact) for contact in contacts})
    runs: list[NewRun] = []
    for contact in contacts:
        before = earlier.get((flow.id, contact))
        admission = admit(
            entry,
            occasion=_occasion(enrolment),
            event=None,
            earlier=EarlierRuns(*before) if before else EarlierRuns(),
            now=now,
            zone=zone,
            late_by=flow.plan.flow.trigger.late_by,
        )
        if admission.key is None:
            continue
        held_out = is_held_out(flow.name, contact, flow.plan.flow.holdout_percent)
        new = new_run(flow, contact, admission.key, shards, held_out)
        runs.append(NewRun(**{**new, "happening": why}))
    return runs
