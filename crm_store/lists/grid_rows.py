"""The rows of one page of a list, by their numbers: a statement or two, however many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Contact, ContactTag, Deal, Stage, Tag, Ticket, User


async def contact_rows(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Columns of the contact by name, with `account`, `owner` and `tags`."""
    found = await session.execute(
        select(*Contact.__table__.c, Account.name.label("account"), User.name.label("owner"))
        .outerjoin(Account, Account.id == Contact.account_id)
        .outerjoin(User, User.id == Contact.owner_id)
        .where(Contact.id.in_(ids))
    )
    rows = {row["id"]: dict(row) for row in found.mappings()}
    tags = await tags_by_contact(session, ids)
    for id_, row in rows.items():
        row["tags"] = tags.get(id_, [])
    return rows


async def tags_by_contact(session: AsyncSession, ids: Collection[int]) -> dict[int, list[str]]:
    found = await session.execute(
        select(ContactTag.contact_id, ContactTag.tag)
        .where(ContactTag.contact_id.in_(ids))
        .order_by(ContactTag.contact_id, ContactTag.tag)
    )
    tags: dict[int, list[str]] = defaultdict(list)
    for contact_id, tag in found:
        tags[contact_id].append(tag)
    return tags


async def account_rows(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Columns of the account by name, with `owner`, `contacts` and `open_deals`."""
    found = await session.execute(
        select(*Account.__table__.c, User.name.label("owner"))
        .outerjoin(User, User.id == Account.owner_id)
        .where(Account.id.in_(ids))
    )
    rows = {row["id"]: dict(row) for row in found.mappings()}
    contacts = await session.execute(
        select(Contact.account_id, func.count())
        .where(Contact.account_id.in_(ids))
        .group_by(Contact.account_id)
    )
    deals = await session.execute(
        select(Deal.account_id, func.count())
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.account_id.in_(ids), Stage.kind == "open")
        .group_by(Deal.account_id)
    )
    people, open_deals = _counts(contacts), _counts(deals)
    for id_, row in rows.items():
        row["contacts"], row["open_deals"] = people.get(id_, 0), open_deals.get(id_, 0)
    return rows


async def ticket_rows(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Columns of the ticket by name, with `owner`, `account` and the names of the contact."""
    found = await session.execute(
        select(
            *Ticket.__table__.c,
            User.name.label("owner"),
            Account.name.label("account"),
            Contact.first_name,
            Contact.last_name,
            Contact.email,
        )
        .outerjoin(User, User.id == Ticket.owner_id)
        .outerjoin(Account, Account.id == Ticket.account_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(Ticket.id.in_(ids))
    )
    return {row["id"]: dict(row) for row in found.mappings()}


async def known_tags(session: AsyncSession, limit: int) -> list[str]:
    return list(await session.scalars(select(Tag.name).order_by(Tag.name).limit(limit)))


def _counts(found: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in found}
