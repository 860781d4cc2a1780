"""Contacts: the table, and the card of one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.consents import suppressions_of
from crm_store.lists import contacts as rows
from crm_store.lists.contacts import ContactRow
from crm_store.lists.contacts import Mark as Mark
from crm_store.lists.contacts import Sorting as Sorting
from crm_store.models import Activity, Contact, Deal
from engine.errors import NotFound
from engine.services.actor import Actor, allowed_some, hidden_fields, may
from engine.services.roles.hidden_values import without_hidden, words_without
from engine.services.roles.visibility import allowed_on, visible
from engine.services.views.names import person_name

Direction = Literal["first", "next", "previous", "last"]
# Counting the finds of a search stops here; nobody reads further.
COUNTED_FINDS = 1000


@dataclass(frozen=True, slots=True)
class ContactLine:
    id: int
    name: str
    email: str | None
    country: str | None
    lifecycle_stage: str
    score: int
    account: str | None
    owner: str | None
    last_seen_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ContactTable:
    """One page. `first` and `last` are its marks for going back and on."""

    lines: tuple[ContactLine, ...]
    first: Mark | None
    last: Mark | None
    has_previous: bool
    has_next: bool


async def contact_table(
    session: AsyncSession,
    actor: Actor,
    *,
    sorting: Sorting = "name",
    search: str | None = None,
    direction: Direction = "first",
    mark: Mark | None = None,
    limit: int = 50,
) -> ContactTable:
    """`mark` is the last of the page before ("next"), the first of the one after ("previous")."""
    allowed_some(actor, "read", "contact")
    backwards = direction in ("previous", "last")
    found = await rows.contacts_page(
        session,
        sorting=sorting,
        search=search or None,
        after=mark if direction == "next" else None,
        before=mark if direction == "previous" else None,
        from_the_end=direction == "last",
        limit=limit + 1,
        which=visible(actor, "read", "contact", Contact.owner_id),
        by_address="email" not in hidden_fields(actor, "contact"),
    )
    hidden = hidden_fields(actor, "contact")
    more = len(found) > limit
    kept = found[-limit:] if backwards else found[:limit]
    return ContactTable(
        tuple(_line(row, hidden) for row in kept),
        _mark(kept[0], sorting) if kept else None,
        _mark(kept[-1], sorting) if kept else None,
        has_previous=more if backwards else direction == "next",
        has_next=direction == "previous" if backwards else more,
    )


async def contact_count(session: AsyncSession, actor: Actor, search: str | None = None) -> int:
    """How many there are; of a search at most `COUNTED_FINDS` + 1."""
    allowed_some(actor, "read", "contact")
    return await rows.count_contacts(
        session,
        search or None,
        at_most=COUNTED_FINDS + 1,
        which=visible(actor, "read", "contact", Contact.owner_id),
        by_address="email" not in hidden_fields(actor, "contact"),
    )


def _mark(row: ContactRow, sorting: Sorting) -> Mark:
    return Mark(row.name_key if sorting == "name" else row.created_at, row.id)


def _line(row: ContactRow, hidden: frozenset[str]) -> ContactLine:
    email = None if "email" in hidden else row.email
    return ContactLine(
        row.id,
        person_name(row.first_name, row.last_name, email, row.id),
        email,
        row.country,
        row.lifecycle_stage,
        row.score,
        row.account,
        row.owner,
        row.last_seen_at,
        row.created_at,
    )


@dataclass(frozen=True, slots=True)
class ConsentLine:
    channel: str
    purpose: str
    granted: bool
    lawful_basis: str
    source: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OrderLine:
    id: int
    number: str | None
    status: str
    total_minor: int
    currency: str
    item_count: int | None
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderSum:
    currency: str
    count: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class EventLine:
    id: int
    name: str
    kind: str
    source: str
    properties: Mapping[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityLine:
    id: int
    kind: str
    subject: str
    body: str | None
    run_id: int | None
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DealLine:
    id: int
    name: str
    stage: str
    stage_kind: str
    amount_minor: int | None
    currency: str | None
    expected_close_on: date | None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Everything known of one person. `suppressed`: (channel, reason) why nothing is sent. Fields
    that are `hidden` from the reader hold nothing, whatever there is."""

    id: int
    name: str
    email: str | None
    phone: str | None
    job_title: str | None
    account: str | None
    owner: str | None
    language: str | None
    country: str | None
    city: str | None
    zone: str | None
    birthday: date | None
    birthday_calendar: str
    lifecycle_stage: str
    lead_status: str | None
    score: int
    source: str | None
    external_id: str | None
    custom: Mapping[str, Any]
    tags: tuple[str, ...]
    last_seen_at: datetime | None
    created_at: datetime
    consents: tuple[ConsentLine, ...]
    suppressed: tuple[tuple[str, str], ...]
    orders: tuple[OrderLine, ...]
    order_sums: tuple[OrderSum, ...]
    events: tuple[EventLine, ...]
    activities: tuple[ActivityLine, ...]
    deals: tuple[DealLine, ...]
    owner_id: int | None = None
    hidden: frozenset[str] = frozenset()


async def contact_card(
    session: AsyncSession, actor: Actor, contact_id: int, *, limit: int = 20
) -> ContactCard:
    """The newest `limit` of each kind of thing. Raises NotFound."""
    allowed_some(actor, "read", "contact")
    found = await rows.contact_with_names(session, contact_id)
    if found is None:
        raise NotFound(f"There is no contact {contact_id}.")
    contact, account, owner = found
    allowed_on(actor, "read", "contact", contact.owner_id, contact_id)
    hidden = hidden_fields(actor, "contact")

    def shown(name: str) -> Any:
        return None if name in hidden else getattr(contact, name)

    sees_orders, sees_events = may(actor, "read", "order"), may(actor, "read", "event")
    orders = await rows.orders_of(session, contact_id, limit=limit) if sees_orders else []
    sums = await rows.order_sums(session, contact_id) if sees_orders else []
    events = await rows.events_of(session, contact_id, limit=limit) if sees_events else []
    return ContactCard(
        id=contact.id,
        name=person_name(contact.first_name, contact.last_name, shown("email"), contact.id),
        email=shown("email"),
        phone=shown("phone"),
        job_title=contact.job_title,
        account=account,
        owner=owner,
        language=contact.language,
        country=contact.country,
        city=shown("city"),
        zone=contact.time_zone,
        birthday=shown("birthday"),
        birthday_calendar=contact.birthday_calendar,
        lifecycle_stage=contact.lifecycle_stage,
        lead_status=contact.lead_status,
        score=contact.score,
        source=contact.source,
        external_id=contact.external_id,
        custom={
            key: value for key, value in contact.custom.items() if f"custom.{key}" not in hidden
        },
        owner_id=contact.owner_id,
        hidden=hidden,
        tags=tuple(await rows.tags_of(session, contact_id)),
        last_seen_at=contact.last_seen_at,
        created_at=contact.created_at,
        consents=tuple(
            ConsentLine(c.channel, c.purpose, c.granted, c.lawful_basis, c.source, c.recorded_at)
            for c in await rows.consents_of(session, contact_id)
        ),
        suppressed=tuple(await suppressions_of(session, contact_id)),
        orders=tuple(
            OrderLine(
                o.id, o.external_id, o.status, o.total_minor, o.currency, o.item_count, o.placed_at
            )
            for o in orders
        ),
        order_sums=tuple(OrderSum(*one) for one in sums),
        events=tuple(
            EventLine(
                *(e.id, e.name, e.kind, e.source),
                without_hidden(e.properties, hidden),
                e.occurred_at,
            )
            for e in events
        ),
        activities=tuple(
            ActivityLine(
                a.id,
                a.kind,
                words_without(a.subject, hidden) or "",
                words_without(a.body, hidden),
                a.run_id,
                a.due_at,
                a.done_at,
                a.created_at,
            )
            for a in await rows.activities_of(
                session,
                contact_id,
                limit=limit,
                which=visible(actor, "read", "activity", Activity.owner_id),
            )
        ),
        deals=tuple(
            DealLine(
                deal.id,
                deal.name,
                stage.label,
                stage.kind,
                deal.amount_minor,
                deal.currency,
                deal.expected_close_on,
            )
            for deal, stage in await rows.deals_of(
                session,
                contact_id,
                limit=limit,
                which=visible(actor, "read", "deal", Deal.owner_id),
            )
        ),
    )
