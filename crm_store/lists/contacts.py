"""The table of contacts, page by page, and everything known of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.searching import contact_matches
from crm_store.models import (
    Account,
    Activity,
    Consent,
    Contact,
    ContactTag,
    Deal,
    Event,
    Order,
    Stage,
    User,
)

Sorting = Literal["name", "newest"]


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: int
    name_key: str
    first_name: str | None
    last_name: str | None
    email: str | None
    country: str | None
    lifecycle_stage: str
    score: int
    account: str | None
    owner: str | None
    last_seen_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page begins or ends: the sort key and the number of a contact."""

    key: str | datetime
    id: int


async def contacts_page(
    session: AsyncSession,
    *,
    sorting: Sorting = "name",
    search: str | None = None,
    after: Mark | None = None,
    before: Mark | None = None,
    from_the_end: bool = False,
    limit: int,
    which: ColumnElement[bool] | None = None,
    by_address: bool = True,
) -> list[ContactRow]:
    """The page after or before a mark, the first, or the last; always in the order of `sorting`.

    Each is read from an index at any depth, so page 20,000 costs what page 1 does.
    """
    key = Contact.name_key if sorting == "name" else Contact.created_at
    downwards = sorting == "newest"
    backwards = before is not None or from_the_end
    place = tuple_(key, Contact.id)
    chosen = (
        select(
            Contact.id,
            Contact.name_key,
            Contact.first_name,
            Contact.last_name,
            Contact.email,
            Contact.country,
            Contact.lifecycle_stage,
            Contact.score,
            Account.name,
            User.name,
            Contact.last_seen_at,
            Contact.created_at,
        )
        .outerjoin(Account, Account.id == Contact.account_id)
        .outerjoin(User, User.id == Contact.owner_id)
        .limit(limit)
    )
    chosen = chosen.where(*_also(which))
    if search:
        chosen = chosen.where(contact_matches(search, by_address=by_address))
    mark = after or before
    if mark is not None:
        bound = tuple_(mark.key, mark.id)
        chosen = chosen.where(place < bound if downwards != backwards else place > bound)
    falling = downwards != backwards
    chosen = chosen.order_by(*((key.desc(), Contact.id.desc()) if falling else (key, Contact.id)))
    rows = [ContactRow(*tuple(row)) for row in await session.execute(chosen)]
    return rows[::-1] if backwards else rows


async def count_contacts(
    session: AsyncSession,
    search: str | None = None,
    *,
    at_most: int | None = None,
    which: ColumnElement[bool] | None = None,
    by_address: bool = True,
) -> int:
    """How many there are; `at_most` stops counting there."""
    if search is None:
        every = select(func.count()).select_from(Contact)
        every = every.where(*_also(which))
        return (await session.execute(every)).scalar_one()
    found_by = contact_matches(search, by_address=by_address)
    matching = select(Contact.id).where(found_by, *_also(which))
    found = matching.limit(at_most).subquery()
    return (await session.execute(select(func.count()).select_from(found))).scalar_one()


def _also(which: ColumnElement[bool] | None) -> tuple[ColumnElement[bool], ...]:
    return () if which is None else (which,)


async def contact_with_names(
    session: AsyncSession, contact_id: int
) -> tuple[Contact, str | None, str | None] | None:
    """A contact with the names of its account and its owner."""
    found = await session.execute(
        select(Contact, Account.name, User.name)
        .outerjoin(Account, Account.id == Contact.account_id)
        .outerjoin(User, User.id == Contact.owner_id)
        .where(Contact.id == contact_id)
    )
    row = found.first()
    return (row[0], row[1], row[2]) if row else None


async def tags_of(session: AsyncSession, contact_id: int) -> list[str]:
    found = await session.scalars(
        select(ContactTag.tag).where(ContactTag.contact_id == contact_id).order_by(ContactTag.tag)
    )
    return list(found)


async def consents_of(session: AsyncSession, contact_id: int) -> list[Consent]:
    found = await session.scalars(
        select(Consent)
        .where(Consent.contact_id == contact_id)
        .order_by(Consent.channel, Consent.purpose)
    )
    return list(found)


async def orders_of(session: AsyncSession, contact_id: int, *, limit: int) -> list[Order]:
    found = await session.scalars(
        select(Order)
        .where(Order.contact_id == contact_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    )
    return list(found)


async def order_sums(session: AsyncSession, contact_id: int) -> list[tuple[str, int, int]]:
    """(currency, how many orders, sum in minor units); sums of two currencies are never added."""
    found = await session.execute(
        select(Order.currency, func.count(), func.sum(Order.total_minor))
        .where(Order.contact_id == contact_id)
        .group_by(Order.currency)
        .order_by(func.sum(Order.total_minor).desc())
    )
    return [(row[0], row[1], int(row[2])) for row in found]


async def events_of(session: AsyncSession, contact_id: int, *, limit: int) -> list[Event]:
    found = await session.scalars(
        select(Event)
        .where(Event.contact_id == contact_id)
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(limit)
    )
    return list(found)


async def activities_of(
    session: AsyncSession,
    contact_id: int,
    *,
    limit: int,
    which: ColumnElement[bool] | None = None,
) -> list[Activity]:
    found = await session.scalars(
        select(Activity)
        .where(Activity.contact_id == contact_id, *_also(which))
        .order_by(Activity.created_at.desc(), Activity.id.desc())
        .limit(limit)
    )
    return list(found)


async def deals_of(
    session: AsyncSession,
    contact_id: int,
    *,
    limit: int,
    which: ColumnElement[bool] | None = None,
) -> list[tuple[Deal, Stage]]:
    found = await session.execute(
        select(Deal, Stage)
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.contact_id == contact_id, *_also(which))
        .order_by(Deal.opened_at.desc(), Deal.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]
