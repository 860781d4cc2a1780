"""A question comes in: a new ticket, or more about one that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from crm_store import tickets as rows
from crm_store.contact_lookup import contact_id_called
from crm_store.merged_contacts import now_known_as
from crm_store.models import AuthorKind
from crm_store.tickets import NewComment
from engine.errors import NotFound, Problem, Refused
from engine.flows.triggers import ticket_events as names
from engine.local_time import add_span, parse_span
from engine.machines.ticket import CustomerWrote, due, opened
from engine.rules.standard_facts import TICKET_PRIORITIES
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.changes.announcing import NewRecord
from engine.services.clocks import ClockKind, set_clocks
from engine.services.field_values import ValueRefused, email
from engine.services.tickets.deciding import assign_by, priority_by
from engine.services.tickets.happened import tell_events, ticket_event
from engine.services.tickets.keeping import columns_of, happen, keep
from engine.services.tickets.policies import policy_now
from engine.services.work import Work
from engine.tickets import TicketPolicy, subject_key

LONGEST_SUBJECT: Final = 200
LONGEST_BODY: Final = 50_000
LONGEST_WORD: Final = 63


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asks. They are named by `contact_id` or by `email`; an address nobody has
    makes a contact. `message_id` is the source's own id: the same is taken in once. `priority`
    None: as the policy's rules say, else normal."""

    subject: str
    body: str = ""
    contact_id: int | None = None
    email: str | None = None
    name: str | None = None
    source: str = "api"
    category: str | None = None
    priority: str | None = None
    external_id: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """`new` is False for what became a comment of an open ticket, or came before."""

    ticket_id: int
    new: bool


async def take_in(work: Work, actor: Actor, question: Question) -> TakenIn:
    """Keep the question. From the same customer about the same subject, it is said on the ticket
    that is open already. Twice is once, by `message_id` or `external_id`. Raises NotAllowed,
    NotFound, Refused."""
    allowed(actor, "create", "ticket")
    address = _check(question)
    contact_id = await _customer(work, question, address)
    if not await rows.hold_contact(work.session, contact_id):
        raise NotFound(f"There is no contact {contact_id}.")
    known = await _known(work, question)
    if known is not None:
        return TakenIn(known, False)
    policy_id, policy = await policy_now(work.session, work.now)
    twin = await _twin(work, contact_id, question, policy)
    if twin is not None:
        await _say(work, twin, question)
        await happen(work, await keep(work, twin), CustomerWrote())
        return TakenIn(twin, False)
    ticket_id = await open_ticket(work, actor, contact_id, question, policy_id, policy)
    return TakenIn(ticket_id, True)


async def open_ticket(
    work: Work,
    actor: Actor,
    contact_id: int,
    question: Question,
    policy_id: int,
    policy: TicketPolicy,
) -> int:
    """A ticket of its own, whatever else is open."""
    values: dict[str, Any] = {
        "contact_id": contact_id,
        "subject": question.subject.strip(),
        "subject_key": subject_key(question.subject) or None,
        "external_id": question.external_id,
        "source": question.source,
        "category": question.category,
        "opened_at": work.now,
        "created_at": work.now,
        **columns_of(opened(question.priority or "normal", work.now), policy_id),
    }
    ticket_id = await rows.add_ticket(work.session, values)
    if ticket_id is None:
        raise Refused(
            "The ticket was not made.",
            [Problem("/external_id", "taken", "another ticket has this external id.")],
        )
    await _say(work, ticket_id, question)
    if question.priority is None:
        await priority_by(work, ticket_id, policy)
    await assign_by(work, ticket_id, policy)
    work.made.append(NewRecord("ticket", ticket_id, contact_id))
    kept = await keep(work, ticket_id)
    await set_clocks(work, ClockKind.TICKET, {ticket_id: due(kept.state, kept.terms)})
    said = {"source": question.source}
    await tell_events(work, [ticket_event(names.OPENED, "", kept.row, work.now, said)])
    await audit.record(work.session, actor, "create", "ticket", ticket_id, None, said)
    return ticket_id


async def _say(work: Work, ticket_id: int, question: Question) -> None:
    if not question.body.strip() and question.message_id is None:
        return
    comment = NewComment(
        ticket_id,
        AuthorKind.CONTACT,
        None,
        question.body,
        source=question.source,
        message_id=question.message_id,
    )
    await rows.add_comment(work.session, comment, work.now)


async def _known(work: Work, question: Question) -> int | None:
    if question.message_id is not None:
        found = await rows.said_before(work.session, question.source, question.message_id)
        if found is not None:
            return found
    if question.external_id is not None:
        return await rows.ticket_called(work.session, question.external_id)
    return None


async def _twin(
    work: Work, contact_id: int, question: Question, policy: TicketPolicy
) -> int | None:
    key = subject_key(question.subject)
    if not key or question.external_id is not None:
        return None
    back = -parse_span(policy.dedupe_within)
    since = add_span(work.now, back, work.shared.default_zone)
    return await rows.twin_of(work.session, contact_id, key, since)


async def _customer(work: Work, question: Question, address: str | None) -> int:
    if question.contact_id is not None:
        wanted = await now_known_as(work.session, question.contact_id)
        found = await contact_id_called(work.session, wanted)
        if found is None:
            raise NotFound(f"There is no contact {question.contact_id}.")
        return found
    assert address is not None
    contact_id, new = await rows.contact_for_address(
        work.session, address, question.name, question.source, work.now
    )
    if new:
        work.made.append(NewRecord("contact", contact_id, contact_id))
    return contact_id


def _check(question: Question) -> str | None:
    """The folded address, where one is given; raises Refused with everything that is wrong."""
    problems: list[Problem] = []
    texts = {
        "subject": (question.subject, LONGEST_SUBJECT),
        "body": (question.body, LONGEST_BODY),
        "name": (question.name or "", LONGEST_SUBJECT),
        "source": (question.source, LONGEST_WORD),
        "category": (question.category or "", LONGEST_WORD),
        "external_id": (question.external_id or "", LONGEST_SUBJECT),
        "message_id": (question.message_id or "", LONGEST_SUBJECT),
    }
    for name, (text, longest) in texts.items():
        if len(text) > longest:
            words = f"is longer than {longest:,} characters."
            problems.append(Problem(f"/{name}", "too_long", words))
        if "\0" in text:
            problems.append(Problem(f"/{name}", "bad_text", "holds the character NUL."))
    if not question.subject.strip():
        problems.append(Problem("/subject", "missing", "say what it is about."))
    if question.priority is not None and question.priority not in TICKET_PRIORITIES:
        known = ", ".join(TICKET_PRIORITIES)
        problems.append(Problem("/priority", "unknown_value", f"must be one of {known}."))
    if (question.contact_id is None) == (question.email is None):
        problems.append(Problem("", "no_customer", 'name either "contact_id" or "email".'))
    address = None
    if question.email is not None:
        try:
            address = email(question.email)
        except ValueRefused as wrong:
            problems.append(Problem("/email", wrong.code, wrong.message))
    if problems:
        raise Refused("The ticket was not made.", problems)
    return address
