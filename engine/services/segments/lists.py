"""Putting contacts on a static list and taking them off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.flows import custom_fields
from crm_store.models import Segment, SegmentKind, SegmentState
from crm_store.partitions import partition_of
from crm_store.recipients import hold_contacts_still
from crm_store.segment_figures import contacts_called
from crm_store.segment_members import (
    OWN_SLOT,
    Move,
    hold_stripes,
    mend_size,
    write_moves,
)
from crm_store.segments import saved_segments
from engine.errors import Conflict, Problem, Refused
from engine.local_time import local_date
from engine.rules import RuleRefused, parse
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.custom_fields import catalogue_with
from engine.services.segments.editing import existing
from engine.services.segments.events import NAMES
from engine.services.segments.shelf import documents_of

# One transaction's worth; more are sent in several goes.
MOST_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Called:
    """Contacts by what people call them: addresses, other systems' ids, or our own numbers."""

    emails: Sequence[str] = ()
    external_ids: Sequence[str] = ()
    contact_ids: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.emails) + len(self.external_ids) + len(self.contact_ids)


@dataclass(frozen=True, slots=True)
class Where:
    """The workspace's zone, and how many partitions events wait in."""

    zone: str
    partitions: int


@dataclass(frozen=True, slots=True)
class Listed:
    """`moved` came or went, `unchanged` were so already, `unknown` is nobody. Poke `partitions` for
    dispatch after the commit.
    """

    moved: int
    unchanged: int
    unknown: tuple[str, ...]
    partitions: frozenset[int]


async def add_to_list(
    session: AsyncSession, actor: Actor, name: str, called: Called, where: Where, now: datetime
) -> Listed:
    """Put contacts on a list; each that was not on it enters. Nobody is made."""
    return await _change(session, actor, name, called, where, now, enters=True)


async def remove_from_list(
    session: AsyncSession, actor: Actor, name: str, called: Called, where: Where, now: datetime
) -> Listed:
    """Take contacts off a list; each that was on it leaves."""
    return await _change(session, actor, name, called, where, now, enters=False)


async def fill_list(
    session: AsyncSession, actor: Actor, name: str, rule: Any, now: datetime
) -> None:
    """Put everybody on the list who fulfils a rule now, once; the driver does it piece by piece.

    Raises Refused with the problems of the rule, Conflict while another filling is under way.
    """
    allowed(actor, "edit", "segment")
    record = await _static(session, name)
    if record.fill is not None:
        raise Conflict(f'The list "{name}" is being filled just now. Wait until that is done.')
    documents = documents_of(await saved_segments(session))
    try:
        catalogue = catalogue_with(await custom_fields(session)).with_segments(documents)
        parse(rule, catalogue, event_rule=False)
    except RuleRefused as refused:
        raise Refused(
            "The rule cannot be used.",
            [Problem(f"/fill{one.pointer}", one.code, one.message) for one in refused.problems],
        ) from refused
    record.fill, record.due_at, record.state = rule, now, SegmentState.COUNTING
    record.asked += 1
    record.revision += 1
    await audit.record(session, actor, "fill", "segment", record.id, after={"rule": rule})


async def _change(
    session: AsyncSession,
    actor: Actor,
    name: str,
    called: Called,
    where: Where,
    now: datetime,
    *,
    enters: bool,
) -> Listed:
    allowed(actor, "edit", "segment")
    if len(called) > MOST_AT_ONCE:
        raise Refused(f"At most {MOST_AT_ONCE:,} contacts at once. Send them in several goes.")
    record = await _static(session, name)
    wanted, unknown = await _resolved(session, called)
    await hold_stripes(session, wanted)
    there = await hold_contacts_still(session, wanted)
    unknown += [str(one) for one in called.contact_ids if one not in there]
    moves = [
        Move(record.id, contact, enters, partition_of(contact, where.partitions))
        for contact in sorted(there)
    ]
    moved = await write_moves(
        session, moves, names=NAMES, now=now, day=local_date(now, where.zone), slot=OWN_SLOT
    )
    await mend_size(session, record.id)
    verb = "add_members" if enters else "remove_members"
    await audit.record(
        session,
        actor,
        verb,
        "segment",
        record.id,
        after={"asked": len(called), "moved": len(moved)},
    )
    return Listed(
        len(moved),
        len(there) - len(moved),
        tuple(unknown),
        frozenset(partition_of(contact, where.partitions) for _, contact, _ in moved),
    )


async def _resolved(session: AsyncSession, called: Called) -> tuple[set[int], list[str]]:
    keys = {folded(email): email for email in called.emails}
    by_email, by_external = await contacts_called(session, keys, set(called.external_ids))
    unknown = [email for key, email in keys.items() if key not in by_email]
    unknown += [one for one in dict.fromkeys(called.external_ids) if one not in by_external]
    found = {*by_email.values(), *by_external.values(), *called.contact_ids}
    return found, unknown


async def _static(session: AsyncSession, name: str) -> Segment:
    record = await existing(session, name)
    if record.kind != SegmentKind.STATIC:
        raise Conflict(f'The members of "{name}" follow its rule. Edit the rule instead.')
    return record
