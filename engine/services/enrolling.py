"""Letting a whole audience into a flow, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.enrolments import finish, lock_enrolment
from crm_store.models import Enrolment
from crm_store.runs import NewRun, earlier_runs, insert_runs
from engine.errors import Refused
from engine.flows.entry import EarlierRuns, admit, looks_back, needs_event
from engine.flows.holdout import is_held_out
from engine.flows.model import Trigger
from engine.rules import parse
from engine.services.dispatching import new_run
from engine.services.plans import ActiveFlow, Plans, current_catalogue
from engine.services.segments_query import CONTACT_ID, ids_matching


@dataclass(frozen=True, slots=True)
class Page:
    """`flow` and its shards have runs due when `entered` is not zero."""

    flow_id: int
    looked_at: int
    entered: int
    done: bool


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
        rule=_audience(flow.plan.flow.trigger),
        entry_key="",
        as_of=now,
    )


def _audience(trigger: Trigger) -> Any:
    return trigger.when if trigger.segment is None else {"member_of": [trigger.segment]}


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
    if enrolment is None or enrolment.state != "running":
        return Page(0, 0, 0, done=True)
    book = await plans.book(session)
    flow = book.flows.get(enrolment.flow_id)
    if flow is None and enrolment.flow_id in book.names:
        # its version cannot be read just now; the enrolment stays open and goes on once it can
        return Page(enrolment.flow_id, 0, 0, done=True)
    if flow is None or not flow.enterable or flow.version_id != enrolment.flow_version_id:
        # a newer version has an audience of its own, by its own rule
        finish(enrolment, "cancelled", now)
        return Page(enrolment.flow_id, 0, 0, done=True)
    contacts = await _next_contacts(session, enrolment, limit, default_zone)
    entered = await insert_runs(
        session,
        await _runs(session, flow, enrolment.id, contacts, advance_shards, now, default_zone),
        now,
    )
    enrolment.looked_at += len(contacts)
    enrolment.entered += len(entered)
    if contacts:
        enrolment.cursor = contacts[-1]
    done = len(contacts) < limit
    if done:
        finish(enrolment, "done", now)
    return Page(flow.id, len(contacts), len(entered), done)


async def _next_contacts(
    session: AsyncSession, enrolment: Enrolment, limit: int, zone: str
) -> Sequence[int]:
    """The next page of ids; keyset, so a page costs the same at any depth."""
    document = True if enrolment.rule is None else enrolment.rule
    rule = parse(document, await current_catalogue(session), event_rule=False)
    matching = ids_matching(rule, enrolment.as_of, zone)
    page = matching.where(enrolment.cursor < CONTACT_ID).order_by(CONTACT_ID).limit(limit)
    return (await session.scalars(page)).all()


async def _runs(
    session: AsyncSession,
    flow: ActiveFlow,
    enrolment_id: int,
    contacts: Sequence[int],
    advance_shards: int,
    now: datetime,
    zone: str,
) -> list[NewRun]:
    entry = flow.plan.flow.entry
    pairs = {(flow.id, contact) for contact in contacts} if looks_back(entry) else set()
    earlier = await earlier_runs(session, pairs)
    runs: list[NewRun] = []
    for contact in contacts:
        before = earlier.get((flow.id, contact))
        admission = admit(
            entry,
            occasion=f"audience:{enrolment_id}",
            event=None,
            earlier=EarlierRuns(*before) if before else EarlierRuns(),
            now=now,
            zone=zone,
        )
        if admission.key is None:
            continue
        held_out = is_held_out(flow.name, contact, flow.plan.flow.holdout_percent)
        new = new_run(flow, contact, admission.key, advance_shards, held_out)
        new["happening"] = {
            "what": "entered",
            "why": {"by": "audience", "enrolment_id": enrolment_id},
        }
        runs.append(NewRun(**new))
    return runs
