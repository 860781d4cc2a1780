"""What people do about a deal: tasks they set each other, calls, meetings and notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.deal_rows import DealRow, hold_deals
from crm_store.lists import deal_activities as rows
from crm_store.lists.deal_activities import DealActivity as DealActivity
from engine.errors import NotFound, Problem, Refused
from engine.services.actor import Actor, allowed_some
from engine.services.audit import record as audit
from engine.services.clocks import set_clocks
from engine.services.roles.one_record import allowed_record
from engine.services.roles.visibility import allowed_on, is_visible
from engine.services.tending import ClockKind

if TYPE_CHECKING:
    from engine.services.work import Work

KINDS: Final = ("task", "call", "meeting", "note")
LONGEST_SUBJECT: Final = 300
LONGEST_BODY: Final = 5_000
MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class NewActivity:
    """`due_at` and `owner_id` are a task's; without an owner it is that of whoever sets it."""

    kind: str
    subject: str
    body: str = ""
    owner_id: int | None = None
    due_at: datetime | None = None


async def activities_of(session: AsyncSession, actor: Actor, deal_id: int) -> list[DealActivity]:
    """Open tasks first, then the newest; the first hundred."""
    allowed_some(actor, "read", "activity")
    await allowed_record(session, actor, "read", "deal", deal_id)
    found = await rows.activities_of_deal(session, deal_id, limit=MOST_SHOWN)
    return [one for one in found if is_visible(actor, "read", "activity", one.owner_id)]


async def add_activity(work: Work, actor: Actor, deal_id: int, new: NewActivity) -> int:
    """Its id. A call, a meeting or a note is a sign of life of the deal. Raises NotFound, and
    Refused with every problem."""
    allowed_some(actor, "create", "activity")
    subject, body = new.subject.strip(), new.body.strip()
    problems = [*_problems(new, subject, body)]
    if new.owner_id is not None and not (await work.directory()).is_active(new.owner_id):
        problems.append(Problem("/owner_id", "unknown_record", "there is no such active user."))
    if problems:
        raise Refused("Nothing was written down.", problems)
    row = await _held(work, deal_id)
    allowed_on(actor, "read", "deal", row.owner_id, deal_id)
    is_task = new.kind == "task"
    by_id = actor.id if actor.kind == "user" else None
    values = {
        "kind": new.kind,
        "subject": subject,
        "body": body or None,
        "deal_id": deal_id,
        "owner_id": new.owner_id if new.owner_id is not None else by_id,
        "due_at": new.due_at if is_task else None,
        "done_at": None,
        "now": work.now,
    }
    made = await rows.add_activity(work.session, values)
    after = {"kind": new.kind, "subject": subject, "deal_id": deal_id}
    await audit(work.session, actor, "create", "activity", made, after=after)
    if not is_task:
        await _look(work, row)
    return made


async def set_task_done(
    work: Work, actor: Actor, deal_id: int, activity_id: int, *, done: bool
) -> None:
    """Done, or to do again. Raises NotFound."""
    await allowed_record(work.session, actor, "edit", "activity", activity_id)
    row, at = await _held(work, deal_id), work.now if done else None
    if not await rows.set_done(work.session, deal_id, activity_id, at):
        raise NotFound(f"There is no task {activity_id} of this deal.")
    state = {"done_at": at.isoformat() if at else None}
    await audit(work.session, actor, "edit", "activity", activity_id, after=state)
    await _look(work, row)


async def _held(work: Work, deal_id: int) -> DealRow:
    row = (await hold_deals(work.session, [deal_id])).get(deal_id)
    if row is None:
        raise NotFound(f"There is no deal {deal_id}.")
    return row


async def _look(work: Work, row: DealRow) -> None:
    """Something happened, so what its clock waits for may have changed."""
    if row.stage_kind == "open" and row.stay is not None and row.request_id is None:
        await set_clocks(work, ClockKind.DEAL, {row.id: work.now})


def _problems(new: NewActivity, subject: str, body: str) -> list[Problem]:
    found = []
    if new.kind not in KINDS:
        found.append(Problem("/kind", "unknown", f"choose one of {', '.join(KINDS)}."))
    if not subject:
        found.append(Problem("/subject", "missing", "say in a few words what it is about."))
    if len(subject) > LONGEST_SUBJECT:
        found.append(Problem("/subject", "too_long", f"at most {LONGEST_SUBJECT} characters."))
    if len(body) > LONGEST_BODY:
        found.append(Problem("/body", "too_long", f"at most {LONGEST_BODY} characters."))
    if "\x00" in subject or "\x00" in body:
        found.append(Problem("/subject", "bad_text", "holds a character that cannot be kept."))
    return found
