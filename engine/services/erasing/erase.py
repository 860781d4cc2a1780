"""Erasing: one transaction after which nothing in the database says who they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import erasing, merging
from crm_store.base import folded
from crm_store.effects import cancel_pending
from crm_store.giving_way import impatiently
from crm_store.runs import add_counts
from crm_store.segment_members import OWN_SLOT, hold_stripes
from engine.errors import NotFound
from engine.local_time import local_date
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.roles.one_record import allowed_record
from engine.services.sending.suppressions import as_number

EMAIL: Final = "email"
SMS: Final = "sms"
# What a run ends with when its contact is erased.
ERASED: Final = "erased"
# A name of one letter would be found everywhere.
_SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class Erased:
    """What went or was blanked: rows by table, without anything about the person."""

    contact_id: int
    runs_ended: int
    rows: Mapping[str, int]


async def erase_contact(
    session: AsyncSession, actor: Actor, contact_id: int, *, now: datetime, zone: str
) -> Erased:
    """End their runs, cancel what was to be sent, and remove everything that says who they are.

    Figures stay: counters, messages sent, goals and deals, without them. Of their addresses a
    salted hash stays, by which they are known again and not written to, whoever brings them back.
    It cannot be undone. Drivers are waited for only a moment: do the whole transaction again
    (`again_and_again`) when it fails with a code of `giving_way.AGAIN`. Raises NotAllowed,
    NotFound.
    """
    await allowed_record(session, actor, "delete", "contact", contact_id)
    await hold_stripes(session, [contact_id])
    async with impatiently(session):
        found = await merging.lock_both(session, [contact_id])
        if contact_id not in found:
            raise NotFound(f"There is no contact {contact_id}.")
        runs = (await merging.lock_runs_of(session, [contact_id]))[contact_id]
        names = await erasing.names_of(session, contact_id)
        open_ = [run for run in runs if run.state != "ended"]
        await cancel_pending(session, [run.id for run in open_], now)
        entry = {"at": now.isoformat(), "visit": 1, "what": "ended", "outcome": ERASED}
        entries = {run.id: {**entry, "node": run.node} for run in open_}
        addresses = _addresses(found[contact_id], names)
        await erasing.suppress_erased(session, EMAIL, addresses, now)
        phones = [phone for phone in (found[contact_id]["phone"],) if phone]
        await erasing.suppress_erased(session, SMS, phones, now)
        await merging.leave_segments(session, contact_id, local_date(now, zone))
        identifying = await _meaning_them(session, found[contact_id], names)
        ids = {found[contact_id]["external_id"], *(value for _, value in names)}
        ids -= set(addresses)
        rows = await erasing.erase(
            session,
            contact_id,
            run_ids=[run.id for run in runs],
            lost_ids=await erasing.lost_ids_of(session, contact_id),
            texts=_texts(found[contact_id], names),
            identifying=identifying,
            named=[one for one in identifying if one not in _spelled(ids)],
        )
        counts = await merging.end_runs(session, open_, ERASED, entries, now)
    await add_counts(session, counts, OWN_SLOT)
    erased = Erased(contact_id, len(open_), rows)
    after = {"runs_ended": erased.runs_ended, "rows": dict(rows)}
    await audit.record(session, actor, "erase", "contact", contact_id, None, after)
    return erased


async def preview_erasure(
    session: AsyncSession, actor: Actor, contact_id: int, *, now: datetime, zone: str
) -> Erased:
    """What erasing would come to: it is done and taken back. Do nothing else in the transaction."""
    savepoint = await session.begin_nested()
    try:
        return await erase_contact(session, actor, contact_id, now=now, zone=zone)
    finally:
        await savepoint.rollback()


async def identifying_texts(session: AsyncSession, contact_id: int) -> list[str]:
    """What can mean this contact and nobody else, for looking where it still stands afterwards.

    Raises NotFound.
    """
    await hold_stripes(session, [contact_id])
    async with impatiently(session):
        found = await merging.lock_both(session, [contact_id])
    if contact_id not in found:
        raise NotFound(f"There is no contact {contact_id}.")
    return _identifying(found[contact_id], await erasing.names_of(session, contact_id))


async def readmit_address(session: AsyncSession, actor: Actor, address: str) -> None:
    """Let an erased address or telephone number ("+65...") be written to again, because its owner
    came back and asked for it. Raises NotAllowed, NotFound."""
    allowed(actor, "delete", "contact")
    medium = EMAIL if "@" in address else SMS
    key = folded(address) if medium == EMAIL else as_number(address)
    if not await erasing.admit_again(session, medium, key):
        raise NotFound("No erased contact had this address, so nothing keeps mail from it.")
    await audit.record(session, actor, "readmit", "suppression", medium)


def _addresses(contact: Mapping[str, Any], names: list[tuple[str, str]]) -> list[str]:
    found = {value for kind, value in names if kind == "email_key"}
    return sorted(found | {contact["email_key"]} - {None})


def _texts(contact: Mapping[str, Any], names: list[tuple[str, str]]) -> list[str]:
    """What they are called and reached by, as it may stand in a text about them."""
    said = {contact["first_name"], contact["last_name"], contact["name_key"]}
    return _spelled({*said, *_identifying(contact, names)})


def _identifying(contact: Mapping[str, Any], names: list[tuple[str, str]]) -> list[str]:
    """Of these, what means them and nobody else wherever it stands: not a first name alone."""
    reached_by = {contact[field] for field in ("email", "email_key", "phone", "external_id")}
    parts = [contact["first_name"], contact["last_name"]]
    called = {" ".join(order) for order in (parts, parts[::-1])} if all(parts) else set()
    if all(parts) and not "".join(parts).isascii():
        called |= {"".join(order) for order in (parts, parts[::-1])}
    return _spelled({*reached_by, *called, *(value for _, value in names)})


async def _meaning_them(
    session: AsyncSession, contact: Mapping[str, Any], names: list[tuple[str, str]]
) -> list[str]:
    """By which records of others are searched: their addresses, and what they are called unless it
    is a word. What is left out is found by the certificate."""
    reached_by = {contact[field] for field in ("email", "email_key", "phone")}
    reached_by |= {value for kind, value in names if kind == "email_key"}
    reached = set(_spelled(reached_by))
    called = [one for one in _identifying(contact, names) if one not in reached]
    words = {one for one in called if await erasing.is_a_word(session, one)}
    return sorted(reached | {one for one in called if one not in words})


def _spelled(texts: set[str | None]) -> list[str]:
    """Also in small letters: the database folds only letters of ASCII by itself."""
    long_enough = {text for text in texts if text and len(text) >= _SHORTEST}
    return sorted(long_enough | {text.lower() for text in long_enough})
