"""What people do with a ticket: answer, note, move, hand over."""

from __future__ import annotations

from typing import Any, Final

from crm_store import tickets as rows
from crm_store.models import AuthorKind
from crm_store.tickets import NewComment
from engine.errors import Conflict, Problem, Refused
from engine.flows.triggers import ticket_events as names
from engine.machines.ticket import (
    STATUSES_BY_HAND,
    CustomerWrote,
    FirstAnswer,
    PrioritySet,
    Status,
    StatusSet,
    TooLate,
    WeAnswered,
)
from engine.rules.standard_facts import TICKET_PRIORITIES
from engine.services import audit
from engine.services.actor import Actor, allowed, allowed_some
from engine.services.roles.visibility import allowed_on
from engine.services.tickets.happened import tell_events, ticket_event
from engine.services.tickets.intake import LONGEST_BODY, Question, take_in
from engine.services.tickets.keeping import Kept, happen, keep
from engine.services.work import Work

_STATUSES: Final[dict[str, Status]] = {one: one for one in STATUSES_BY_HAND}


async def answer(
    work: Work,
    actor: Actor,
    ticket_id: int,
    body: str,
    *,
    then: str | None = None,
    source: str | None = None,
    message_id: str | None = None,
) -> int | None:
    """Say something the customer can read; `then` is the status it leaves, such as "pending" for a
    question back. The comment's id, None for a `message_id` that was there before. Raises
    NotAllowed, NotFound, Refused, Conflict."""
    allowed_some(actor, "edit", "ticket")
    _check_text(body)
    to = None if then is None else _status(then)
    kept = await _open_one(work, actor, ticket_id)
    comment = _by(actor, ticket_id, body, source=source, message_id=message_id)
    comment_id = await rows.add_comment(work.session, comment, work.now)
    if comment_id is None:
        return None
    step = await happen(work, kept, WeAnswered(to))
    said = {"first": FirstAnswer() in step.told, "status": step.state.status}
    event = ticket_event(names.ANSWERED, str(comment_id), kept.row, work.now, said)
    await tell_events(work, [event])
    await audit.record(work.session, actor, "answer", "ticket", ticket_id, None, said)
    return comment_id


async def note(work: Work, actor: Actor, ticket_id: int, body: str) -> int:
    """Say something among ourselves. No clock hears of it. Raises NotAllowed, NotFound, Refused."""
    allowed_some(actor, "edit", "ticket")
    _check_text(body)
    kept = await keep(work, ticket_id)
    allowed_on(actor, "edit", "ticket", kept.row["owner_id"], ticket_id)
    comment = _by(actor, ticket_id, body, internal=True)
    comment_id = await rows.add_comment(work.session, comment, work.now)
    assert comment_id is not None  # nothing of ours has a message id
    return comment_id


async def customer_wrote(
    work: Work,
    actor: Actor,
    ticket_id: int,
    body: str,
    *,
    source: str = "api",
    message_id: str | None = None,
) -> int:
    """Something the customer says about their ticket; the ticket it is about now: a new one where
    this one was closed too long ago. Raises NotAllowed, NotFound, Refused."""
    allowed(actor, "create", "ticket")
    _check_text(body)
    if message_id is not None:
        before = await rows.said_before(work.session, source, message_id)
        if before is not None:
            return before
    kept = await keep(work, ticket_id)
    if kept.row["merged_into_id"] is not None:
        into: int = kept.row["merged_into_id"]
        return await customer_wrote(work, actor, into, body, source=source, message_id=message_id)
    step = await happen(work, kept, CustomerWrote())
    if TooLate() in step.told and kept.row["contact_id"] is not None:
        question = Question(
            kept.row["subject"],
            body,
            contact_id=kept.row["contact_id"],
            source=source,
            category=kept.row["category"],
            message_id=message_id,
        )
        # as any other question: said on the ticket that is open about it by now, and once
        return (await take_in(work, actor, question)).ticket_id
    comment = NewComment(
        ticket_id, AuthorKind.CONTACT, None, body, source=source, message_id=message_id
    )
    await rows.add_comment(work.session, comment, work.now)
    return ticket_id


async def set_status(work: Work, actor: Actor, ticket_id: int, to: str) -> None:
    """Raises NotAllowed, NotFound, Refused, Conflict."""
    allowed_some(actor, "edit", "ticket")
    status = _status(to)
    kept = await _open_one(work, actor, ticket_id)
    before = kept.state.status
    await happen(work, kept, StatusSet(status))
    await _wrote_down(work, actor, kept, {"status": before}, {"status": status})


async def set_priority(work: Work, actor: Actor, ticket_id: int, to: str) -> None:
    """Another priority has other targets; what the clocks have counted stays. Raises NotAllowed,
    NotFound, Refused, Conflict."""
    allowed_some(actor, "edit", "ticket")
    if to not in TICKET_PRIORITIES:
        raise _refused("/priority", f"must be one of {', '.join(TICKET_PRIORITIES)}.")
    kept = await _open_one(work, actor, ticket_id)
    before = kept.state.priority
    await happen(work, kept, PrioritySet(to))
    await _wrote_down(work, actor, kept, {"priority": before}, {"priority": to})


async def set_owner(work: Work, actor: Actor, ticket_id: int, owner_id: int | None) -> None:
    """Give it to somebody, or to nobody. Raises NotAllowed, NotFound, Refused, Conflict."""
    allowed_some(actor, "edit", "ticket")
    directory = await work.directory()
    if owner_id is not None and not directory.is_active(owner_id):
        raise _refused("/owner_id", "is nobody who works here now.")
    kept = await _open_one(work, actor, ticket_id)
    before = {"owner_id": kept.row["owner_id"]}
    await rows.put_ticket(work.session, ticket_id, {"owner_id": owner_id})
    await _wrote_down(work, actor, kept, before, {"owner_id": owner_id})


async def _open_one(work: Work, actor: Actor, ticket_id: int) -> Kept:
    kept = await keep(work, ticket_id)
    allowed_on(actor, "edit", "ticket", kept.row["owner_id"], ticket_id)
    if kept.row["merged_into_id"] is not None:
        into = kept.row["merged_into_id"]
        raise Conflict(f"Ticket {ticket_id} was merged into ticket {into}. Go on there.")
    return kept


async def _wrote_down(
    work: Work, actor: Actor, kept: Kept, before: dict[str, Any], after: dict[str, Any]
) -> None:
    if before != after:
        await audit.record(work.session, actor, "edit", "ticket", kept.id, before, after)


def _by(
    actor: Actor,
    ticket_id: int,
    body: str,
    *,
    internal: bool = False,
    source: str | None = None,
    message_id: str | None = None,
) -> NewComment:
    person = actor.kind == "user"
    kind = AuthorKind.USER if person else AuthorKind.SYSTEM
    author = actor.id if person else None
    return NewComment(ticket_id, kind, author, body, internal, source, message_id)


def _status(to: str) -> Status:
    if to not in _STATUSES:
        raise _refused("/status", f"must be one of {', '.join(_STATUSES)}.")
    return _STATUSES[to]


def _check_text(body: str) -> None:
    if not body.strip():
        raise _refused("/body", "is empty.")
    if len(body) > LONGEST_BODY or "\0" in body:
        raise _refused("/body", f"takes {LONGEST_BODY:,} characters at most, and no NUL.")


def _refused(place: str, words: str) -> Refused:
    return Refused("The ticket was left as it is.", [Problem(place, "bad_value", words)])
