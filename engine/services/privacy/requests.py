"""The book of requests: who asked for what, until when it is due, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import person_data
from crm_store.base import folded
from crm_store.models import PrivacyRequest
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.roles.one_record import allowed_record

KINDS: Final = ("export", "erase")
# GDPR article 12(3): within one month.
DUE: Final = timedelta(days=30)
LONGEST_NOTE: Final = 1_000
_OLDEST: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """`note` says how it came; it is cleared when the person is erased."""

    kind: str
    contact_id: int
    asked_at: datetime | None = None
    note: str = ""


class RequestRow(NamedTuple):
    id: int
    kind: str
    contact_number: int
    state: str
    asked_at: datetime
    due_at: datetime
    note: str | None
    opened_by: str
    done_at: datetime | None
    done_by: str | None
    reason: str | None
    certificate: Mapping[str, Any] | None

    def is_late(self, now: datetime) -> bool:
        return self.state == "open" and self.due_at < now


_COLUMNS: Final = [getattr(PrivacyRequest, name) for name in RequestRow._fields]


async def contact_called(session: AsyncSession, actor: Actor, words: str) -> int | None:
    """The contact of this number or e-mail address; None: nobody. Raises NotAllowed."""
    allowed(actor, "read", "privacy")
    said = words.strip()
    if said.isdecimal():
        return await person_data.whose(session, int(said)) if len(said) < 19 else None
    return await person_data.of_address(session, folded(said)) if "@" in said else None


async def open_request(
    session: AsyncSession, actor: Actor, new: NewRequest, now: datetime
) -> RequestRow:
    """Write down that somebody asked; due 30 days later. Raises NotAllowed, Refused, NotFound, and
    Conflict when the same is open already."""
    allowed(actor, "create", "privacy")
    asked_at = new.asked_at or now
    _refuse_wrong(new, asked_at, now)
    number = await person_data.whose(session, new.contact_id)
    if number is None:
        raise NotFound(f"There is no contact {new.contact_id}.")
    same = select(PrivacyRequest.id).where(
        PrivacyRequest.contact_number == number,
        PrivacyRequest.kind == new.kind,
        PrivacyRequest.state == "open",
    )
    if await session.scalar(same.limit(1)) is not None:
        raise Conflict(f"Contact {number} has asked for this already, and it is open.")
    row = PrivacyRequest(
        kind=new.kind,
        contact_number=number,
        state="open",
        asked_at=asked_at,
        due_at=asked_at + DUE,
        note=new.note.strip() or None,
        opened_by=actor.name,
    )
    session.add(row)
    await session.flush()
    after = {"kind": new.kind, "contact": number}
    await audit.record(session, actor, "create", "privacy_request", row.id, None, after)
    return RequestRow._make(getattr(row, name) for name in RequestRow._fields)


async def list_requests(
    session: AsyncSession,
    actor: Actor,
    *,
    state: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> Sequence[RequestRow]:
    """Those due first come first; `after` is the (due_at, id) of the last one seen."""
    allowed(actor, "read", "privacy")
    query = select(*_COLUMNS).order_by(PrivacyRequest.due_at, PrivacyRequest.id).limit(limit)
    if state is not None:
        query = query.where(PrivacyRequest.state == state)
    if after is not None:
        due_at, id_ = after
        query = query.where(
            (PrivacyRequest.due_at > due_at)
            | ((PrivacyRequest.due_at == due_at) & (PrivacyRequest.id > id_))
        )
    return [RequestRow._make(row) for row in await session.execute(query)]


async def request_of(
    session: AsyncSession, actor: Actor, request_id: int, *, lock: bool = False
) -> RequestRow:
    """Raises NotAllowed, NotFound."""
    allowed(actor, "read", "privacy")
    query = select(*_COLUMNS).where(PrivacyRequest.id == request_id)
    row = (await session.execute(query.with_for_update() if lock else query)).first()
    if row is None:
        raise NotFound(f"There is no privacy request {request_id}.")
    return RequestRow._make(row)


async def open_one(
    session: AsyncSession, actor: Actor, request_id: int, kind: str | None = None
) -> RequestRow:
    """An open request, locked. Raises NotFound, Conflict."""
    row = await request_of(session, actor, request_id, lock=True)
    if row.state != "open":
        raise Conflict(f"Request {request_id} is {row.state} already.")
    if kind is not None and row.kind != kind:
        raise Conflict(f'Request {request_id} asks for "{row.kind}", not for "{kind}".')
    return row


async def decline_request(
    session: AsyncSession, actor: Actor, request_id: int, reason: str, now: datetime
) -> RequestRow:
    """Close a request without doing it, with the reason that the person is given."""
    allowed(actor, "edit", "privacy")
    if not reason.strip() or len(reason) > LONGEST_NOTE or "\0" in reason:
        message = f"say why, with at most {LONGEST_NOTE} characters"
        raise Refused("It was not declined.", [Problem("/reason", "missing", message)])
    await open_one(session, actor, request_id)
    return await settle_request(session, actor, request_id, now, reason=reason.strip())


async def complete_export(
    session: AsyncSession, actor: Actor, request_id: int, now: datetime
) -> RequestRow:
    """The person was given their data. Raises NotAllowed, NotFound, Conflict."""
    allowed(actor, "edit", "privacy")
    await open_one(session, actor, request_id, "export")
    return await settle_request(session, actor, request_id, now)


async def erasable(
    session: AsyncSession, actor: Actor, request_id: int, contact_id: int
) -> RequestRow:
    """The open request, after a look whether the actor may erase and means the right person.
    Raises NotAllowed, NotFound, Conflict, Refused."""
    allowed(actor, "delete", "privacy")
    row = await open_one(session, actor, request_id, "erase")
    if row.contact_number != contact_id:
        message = "this is not the contact whom the request is about"
        raise Refused("Nobody was erased.", [Problem("/contact", "differs", message)])
    await allowed_record(session, actor, "delete", "contact", contact_id)
    return row


async def settle_request(
    session: AsyncSession,
    actor: Actor,
    request_id: int,
    now: datetime,
    *,
    reason: str | None = None,
    certificate: Mapping[str, Any] | None = None,
) -> RequestRow:
    """Done, or declined where there is a reason. The row must be locked."""
    allowed(actor, "edit", "privacy")
    state = "done" if reason is None else "declined"
    found = await session.execute(
        update(PrivacyRequest)
        .where(PrivacyRequest.id == request_id)
        .values(
            state=state,
            done_at=now,
            done_by=actor.name,
            reason=reason,
            certificate=None if certificate is None else dict(certificate),
        )
        .returning(*_COLUMNS)
    )
    await audit.record(session, actor, state, "privacy_request", request_id)
    return RequestRow._make(found.one())


async def complete_certificate(
    session: AsyncSession, request_id: int, certificate: Mapping[str, Any]
) -> None:
    """What was found afterwards is added; for whoever erased just now."""
    await session.execute(
        update(PrivacyRequest)
        .where(PrivacyRequest.id == request_id)
        .values(certificate=dict(certificate))
    )


def _refuse_wrong(new: NewRequest, asked_at: datetime, now: datetime) -> None:
    problems = []
    if new.kind not in KINDS:
        problems.append(Problem("/kind", "unknown", f"choose one of {', '.join(KINDS)}"))
    if not now - _OLDEST <= asked_at <= now + timedelta(days=1):
        message = "give a day of the last year"
        problems.append(Problem("/asked_at", "out_of_range", message))
    if len(new.note) > LONGEST_NOTE or "\0" in new.note:
        message = f"write at most {LONGEST_NOTE} characters"
        problems.append(Problem("/note", "too_long", message))
    if problems:
        raise Refused("The request was not written down.", problems)
