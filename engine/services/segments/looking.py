"""What people ask about segments: which there are, how large, who is inside and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import segment_figures as figures
from crm_store.models import Contact, Segment, SegmentKind
from crm_store.segment_figures import DayCount, MemberRow
from crm_store.segments import all_segments, segment_named
from engine.errors import NotFound, Refused
from engine.rules import Explained, Rule, parse
from engine.services.actor import Actor, allowed, allowed_some
from engine.services.facts import load_facts
from engine.services.plans import current_catalogue
from engine.services.roles.visibility import among_contacts, is_visible, shows_address, visible
from engine.services.rules.permissions import may_know
from engine.services.segments.using import Users, users_of

LONGEST_PAGE: Final = 500
LARGEST_SAMPLE: Final = 50
MOST_DAYS: Final = 800
# Nothing was counted before.
FIRST_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class SegmentSummary:
    """`size` is empty until the members are complete for the first time."""

    name: str
    label: str
    label_zh: str | None
    kind: str
    state: str
    size: int | None
    counted_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class SegmentDetail:
    summary: SegmentSummary
    rule: Any | None
    used_by: Users
    took_ms: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Overlap:
    only_first: int
    both: int
    only_second: int


@dataclass(frozen=True, slots=True)
class Membership:
    """`entered_at` is empty for one who is no member. `explained` is why the rule holds or not just
    now, empty for a static list: whoever is on it was put there.
    """

    contact_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    entered_at: datetime | None
    explained: Explained | None

    @property
    def is_member(self) -> bool:
        return self.entered_at is not None


async def list_segments(session: AsyncSession, actor: Actor) -> list[SegmentSummary]:
    """All of them by name."""
    allowed(actor, "read", "segment")
    known = await figures.sizes(session)
    return [_summary(one, known.get(one.id, 0)) for one in await all_segments(session)]


async def show_segment(session: AsyncSession, actor: Actor, name: str) -> SegmentDetail:
    allowed(actor, "read", "segment")
    record = await _found(session, name)
    known = await figures.sizes(session, [record.id])
    return SegmentDetail(
        _summary(record, known.get(record.id, 0)),
        record.rule,
        await users_of(session, actor, name),
        record.took_ms,
        record.created_at,
        record.updated_at,
    )


async def counts_over_time(
    session: AsyncSession, actor: Actor, name: str, first: date, last: date
) -> list[DayCount]:
    """One row a day, in the workspace's calendar. Raises Refused for more than two years or so,
    and for days before `FIRST_DAY`.
    """
    allowed(actor, "read", "segment")
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Refused(f"Ask for 1 to {MOST_DAYS} days, the first before the last.")
    if first < FIRST_DAY:
        raise Refused(f"Ask for days from {FIRST_DAY} on.")
    record = await _found(session, name)
    return await figures.counts_by_day(session, record.id, first, last)


async def overlap(session: AsyncSession, actor: Actor, first: str, second: str) -> Overlap:
    """How two segments overlap, by their members of this moment."""
    allowed(actor, "read", "segment")
    one, other = await _found(session, first), await _found(session, second)
    return Overlap(*await figures.overlap(session, one.id, other.id))


async def members(
    session: AsyncSession, actor: Actor, name: str, *, after: int = 0, limit: int = 100
) -> Sequence[MemberRow]:
    """A page of those members that the actor may see; `after` is the contact number that the page
    before ended with."""
    allowed(actor, "read", "segment")
    allowed_some(actor, "read", "contact")
    record = await _found(session, name)
    which = visible(actor, "read", "contact", Contact.owner_id)
    limit = max(1, min(limit, LONGEST_PAGE))
    found = await figures.members_page(session, record.id, after, limit, which)
    return found if shows_address(actor) else [replace(one, email=None) for one in found]


async def sample(
    session: AsyncSession, actor: Actor, name: str, size: int, now: datetime, zone: str
) -> list[Membership]:
    """Members that the actor may see, picked by chance, each with the reason. Raises NotAllowed
    when the rule reads what the actor may not.
    """
    allowed(actor, "read", "segment")
    allowed_some(actor, "read", "contact")
    record = await _found(session, name)
    rule = await _rule(session, actor, record)
    size, which = max(1, min(size, LARGEST_SAMPLE)), among_contacts(actor)
    picked = await figures.sampled_members(session, record.id, size, which)
    shown = shows_address(actor)
    explained = await _explained(session, rule, [row.contact_id for row in picked], now, zone)
    return [
        Membership(
            row.contact_id,
            row.email if shown else None,
            row.first_name,
            row.last_name,
            row.entered_at,
            explained.get(row.contact_id),
        )
        for row in picked
    ]


async def why(
    session: AsyncSession, actor: Actor, name: str, contact_id: int, now: datetime, zone: str
) -> Membership:
    """Why a contact is in a segment, or why not. Raises NotFound for an unknown contact and one
    that the actor may not see, and NotAllowed when the rule reads what the actor may not.
    """
    allowed(actor, "read", "segment")
    allowed_some(actor, "read", "contact")
    record = await _found(session, name)
    rule = await _rule(session, actor, record)
    contact = await figures.contact_row(session, contact_id)
    if contact is None or not is_visible(actor, "read", "contact", contact.owner_id):
        raise NotFound(f"There is no contact {contact_id}.")
    explained = await _explained(session, rule, [contact_id], now, zone)
    return Membership(
        contact.id,
        contact.email if shows_address(actor) else None,
        contact.first_name,
        contact.last_name,
        await figures.entered_at(session, record.id, contact_id),
        explained.get(contact_id),
    )


async def _found(session: AsyncSession, name: str) -> Segment:
    record = await segment_named(session, name)
    if record is None:
        raise NotFound(f'There is no segment "{name}".')
    return record


async def _rule(session: AsyncSession, actor: Actor, record: Segment) -> Rule | None:
    """Raises RuleRefused when the rule cannot be read any more, and NotAllowed."""
    if record.kind != SegmentKind.RULE:
        return None
    catalogue = await current_catalogue(session)
    rule = parse(record.rule, catalogue, event_rule=False)
    may_know(actor, rule, "contact", catalogue, seen_only=True)
    return rule


async def _explained(
    session: AsyncSession, rule: Rule | None, contacts: Sequence[int], now: datetime, zone: str
) -> dict[int, Explained]:
    if rule is None:
        return {}
    facts = await load_facts(session, contacts, rule.reads, now)
    return {contact: rule.explain(known, now, zone) for contact, known in facts.items()}


def _summary(record: Segment, size: int) -> SegmentSummary:
    return SegmentSummary(
        name=record.name,
        label=record.label,
        label_zh=record.label_zh,
        kind=record.kind,
        state=record.state,
        size=None if record.counted_at is None else size,
        counted_at=record.counted_at,
        due_at=record.due_at,
    )
