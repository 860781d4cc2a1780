"""Messages that go together in one: collected as they come, and sent when they are due.

The digest is a message like any other: each contact for whom something is due enters the flow
`digest`, whose one step sends the template of that name. So it is ruled on, handed over once and
found in the contact's history. The flow is made when it is first needed; whoever edits it decides
what goes before and behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import digests as rows
from crm_store.flows import flow_named
from crm_store.new_runs import NewRun, insert_runs
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.entries import new_run
from engine.services.plans import ActiveFlow, Plans
from engine.services.sending.collected import DIGEST
from engine.services.templates import TemplateLibrary

SOURCE: Final = """\
# Sends what was put together for a contact; see docs/sending.md. People enter by themselves, when
# something is due. A step before the letter is done for each of them.
flow: digest
label: Digest
subject: contact
purpose: marketing
consent_note: asked for by the messages that are put together
trigger: {on: manual}
entry: always
steps:
  letter: {do: send_message, template: digest, next: done}
  done: {do: exit}
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many contacts entered; `dues` are the shards of the flow to be poked."""

    entered: int = 0
    dues: Mapping[int, datetime] = field(default_factory=dict)


async def send_due(
    session: AsyncSession,
    plans: Plans,
    library: TemplateLibrary,
    *,
    now: datetime,
    limit: int,
    advance_shards: int,
) -> Sent:
    """Let contacts for whom something is due into the flow of digests, `limit` at once.

    Twice is once: the key of a run is the first item that it sends.
    """
    due = await rows.due_contacts(session, now, limit)
    if not due:
        return Sent()
    flow = await _flow(session, plans, library, now)
    if flow is None:
        return Sent()
    why = {"what": "entered", "why": {"by": DIGEST}}
    runs = [
        NewRun(
            **{
                **new_run(flow, contact_id, f"digest:{first}", advance_shards, held_out=False),
                "happening": why,
            }
        )
        for contact_id, first in due
    ]
    entered = await insert_runs(session, runs, now)
    by_contact = {contact_id: run_id for (_, contact_id, _), run_id in entered.items()}
    await rows.give_to_runs(session, by_contact, now)
    shards = {run.shard: now for run in runs}
    return Sent(len(entered), shards)


async def _flow(
    session: AsyncSession, plans: Plans, library: TemplateLibrary, now: datetime
) -> ActiveFlow | None:
    """The published flow of digests, made where there is none. None while it is paused for good or
    is only a draft of somebody's: then what is due waits."""
    record = await flow_named(session, DIGEST, lock=True)
    if record is None:
        await flows.save_draft(session, SYSTEM, SOURCE, library=library, file="digest.yaml")
        await flows.publish(session, SYSTEM, DIGEST, plans=plans, library=library, now=now)
    book = await plans.book(session)
    id_ = book.id_of(DIGEST)
    flow = None if id_ is None else book.flows.get(id_)
    return flow if flow is not None and flow.enterable else None
