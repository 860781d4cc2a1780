"""Giving, taking back and looking up what a contact agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import consents as rows
from crm_store.consent_requests import close_requests
from crm_store.consents import ConsentRow, LockedContact
from crm_store.merged_contacts import now_known_as
from crm_store.message_touches import unsubscribed_after
from crm_store.models import LawfulBasis
from engine.errors import NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor
from engine.services.events import partitions_of, record_event
from engine.services.roles.one_record import allowed_record

ConsentState = ConsentRow

EMAIL = "email"
MARKETING = "marketing"
# The reason of a suppression that the contact asked for, and may take back.
UNSUBSCRIBED = "unsubscribed"
EVENT_SOURCE = "cadenza"


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """`changed` is False when it was so already; then nothing was written. The dispatch drivers of
    `event_partitions` are to be poked after the commit."""

    changed: bool
    event_partitions: frozenset[int] = frozenset()


async def grant(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    *,
    channel: str = EMAIL,
    purpose: str = MARKETING,
    lawful_basis: str = LawfulBasis.CONSENT.value,
    source: str,
    now: datetime,
    partitions: int,
    evidence: Mapping[str, Any] | None = None,
) -> ConsentChange:
    """Record a yes, and event "Subscribed". A suppression that the contact asked for is lifted; one
    for bounces or complaints is not. `evidence`, of plain JSON, says how the yes was given. Raises
    NotAllowed, NotFound, Refused."""
    await allowed_record(session, actor, "edit", "contact", contact_id)
    if lawful_basis not in set(LawfulBasis):
        known = ", ".join(LawfulBasis)
        problem = Problem("lawful_basis", "unknown_value", f"must be one of {known}.")
        raise Refused("The consent cannot be recorded.", [problem])
    contact = await locked(session, contact_id)
    contact_id = contact.id
    before = await _present(session, contact_id, channel, purpose)
    key = contact.keys.get(channel)
    lifted = key is not None and await rows.lift_suppression(session, channel, key, UNSUBSCRIBED)
    if not lifted and before is not None and before.granted and before.lawful_basis == lawful_basis:
        return ConsentChange(False)
    how = None if evidence is None else dict(evidence)
    after = ConsentRow(channel, purpose, True, lawful_basis, source, now, how)
    await rows.put_consent(session, contact_id, after)
    await _write_down(session, actor, "grant_consent", contact_id, before, after, {})
    return await _tell(session, "Subscribed", contact_id, after, {}, partitions)


async def withdraw(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    *,
    channel: str = EMAIL,
    purpose: str = MARKETING,
    source: str,
    now: datetime,
    partitions: int,
    all_mail: bool = False,
) -> ConsentChange:
    """Record a no, and event "Unsubscribed", which exit rules may read. With `all_mail` each yes
    there is becomes a no, and the contact gets nothing at all any more by any channel, service
    messages included.

    It holds from the commit on: a message that is prepared later sees it, and one that was being
    prepared made this transaction wait. Twice is once. Raises NotAllowed, NotFound.
    """
    await allowed_record(session, actor, "edit", "contact", contact_id)
    contact = await locked(session, contact_id)
    contact_id = contact.id
    known = {(one.channel, one.purpose): one for one in await rows.consents_of(session, contact_id)}
    keys = sorted(contact.keys.items()) if all_mail else []
    stopped = [await rows.suppress(session, *key, UNSUBSCRIBED, now) for key in keys]
    noes = [place for place, one in known.items() if all_mail and one.granted]
    asked = (channel, purpose)
    if asked not in noes and (asked not in known or known[asked].granted or any(stopped)):
        noes.append(asked)
    # a letter that asks for a yes, and was sent before this no, confirms nothing any more
    await close_requests(session, contact_id, None if all_mail else asked)
    if noes and actor.kind == "subject" and purpose == MARKETING:
        await unsubscribed_after(session, contact_id, now)
    more = {"all_mail": True} if all_mail else {}
    change = ConsentChange(False)
    for place in noes:
        before = known.get(place)
        basis = before.lawful_basis if before is not None else LawfulBasis.CONSENT.value
        after = ConsentRow(*place, False, basis, source, now)
        await rows.put_consent(session, contact_id, after)
        await _write_down(session, actor, "withdraw_consent", contact_id, before, after, more)
        change = await _tell(session, "Unsubscribed", contact_id, after, more, partitions)
    return change


async def state_of(session: AsyncSession, contact_id: int) -> tuple[ConsentState, ...]:
    """All that is recorded, by channel and purpose; what is not there was never asked."""
    return tuple(await rows.consents_of(session, await now_known_as(session, contact_id)))


async def language_of(session: AsyncSession, contact_id: int) -> str | None:
    """The contact's own language, for the page behind a link."""
    return await rows.contact_language(session, await now_known_as(session, contact_id))


async def locked(session: AsyncSession, contact_id: int) -> LockedContact:
    """The contact that this number means today. Waiting for the lock may have been waiting for a
    merge: then the number means somebody else by now."""
    known: int | None = None
    while (current := await now_known_as(session, contact_id)) != known:
        contact = await rows.lock_contact(session, current)
        if contact is not None:
            return contact
        known = current
    raise NotFound(f"There is no contact {contact_id}.")


async def _present(
    session: AsyncSession, contact_id: int, channel: str, purpose: str
) -> ConsentRow | None:
    known = await rows.consents_of(session, contact_id)
    return next((one for one in known if (one.channel, one.purpose) == (channel, purpose)), None)


async def _write_down(
    session: AsyncSession,
    actor: Actor,
    verb: str,
    contact_id: int,
    before: ConsentRow | None,
    after: ConsentRow,
    more: Mapping[str, Any],
) -> None:
    await audit.record(
        session,
        actor,
        verb,
        "contact",
        contact_id,
        None if before is None else _document(before),
        {**_document(after), **more},
    )


async def _tell(
    session: AsyncSession,
    name: str,
    contact_id: int,
    consent: ConsentRow,
    more: Mapping[str, Any],
    partitions: int,
) -> ConsentChange:
    at = consent.recorded_at
    place = f"{contact_id}:{consent.channel}:{consent.purpose}"
    await record_event(
        session,
        source=EVENT_SOURCE,
        message_id=f"{name.lower()}:{place}:{at.isoformat()}",
        name=name,
        contact_id=contact_id,
        properties={"channel": consent.channel, "purpose": consent.purpose, **more},
        occurred_at=at,
        partitions=partitions,
    )
    return ConsentChange(True, partitions_of([contact_id], partitions))


def _document(consent: ConsentRow) -> dict[str, Any]:
    return {
        "channel": consent.channel,
        "purpose": consent.purpose,
        "granted": consent.granted,
        "lawful_basis": consent.lawful_basis,
        "source": consent.source,
    }
