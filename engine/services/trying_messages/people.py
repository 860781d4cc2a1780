"""Whose letter is looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_id_called
from crm_store.message_samples import drawn_contacts, drawn_members
from crm_store.recipients import Recipient, recipients
from crm_store.segments import segment_named
from engine.errors import NotFound
from engine.services.actor import Actor, hidden_fields
from engine.services.messages import EMAIL, MARKETING
from engine.services.roles.hidden_values import without_hidden
from engine.services.trying_messages.writers import Writer


def as_reference(text: str) -> int | str:
    """A contact's number, or else an address, as people type either."""
    bare = text.strip()
    return int(bare) if bare.isdecimal() and len(bare) <= 18 else bare


async def whom(session: AsyncSession, writer: Writer, reference: int | str | None) -> Recipient:
    """The contact of this number or address, the made-up one without; raises NotFound."""
    if reference is None:
        return writer.sample()
    contact_id = await contact_id_called(session, reference)
    if contact_id is None:
        raise NotFound(f"There is no contact {str(reference)[:200]}.")
    return (await read_by(session, writer, [contact_id]))[contact_id]


async def read_by(
    session: AsyncSession, writer: Writer, contact_ids: Collection[int]
) -> dict[int, Recipient]:
    """What the template reads of contacts; who is gone is left out."""
    return await recipients(session, contact_ids, EMAIL, MARKETING, writer.reads)


def as_seen_by(actor: Actor, recipient: Recipient) -> Recipient:
    """Without what this person is not shown of contacts: a letter would tell it."""
    hidden = hidden_fields(actor, "contact")
    if not hidden:
        return recipient
    shown = without_hidden(recipient.contact, hidden)
    known = recipient.contact
    # what is asked for its day or its length must not be words
    gone = {one: None for one in hidden & known.keys() if not isinstance(known[one], str)}
    return replace(recipient, contact={**shown, **gone})


async def drawn(session: AsyncSession, segment: str | None, size: int, seed: int) -> list[int]:
    """Members of a segment, or of all contacts; raises NotFound for an unknown segment."""
    if segment is None:
        return await drawn_contacts(session, size, seed)
    record = await segment_named(session, segment)
    if record is None:
        raise NotFound(f'There is no segment "{segment[:60]}".')
    return await drawn_members(session, record.id, size, seed)


def made_up_name(recipient: Recipient) -> str:
    """Of somebody who is in no table."""
    contact = recipient.contact
    return " ".join(part for key in ("first_name", "last_name") if (part := contact.get(key)))
