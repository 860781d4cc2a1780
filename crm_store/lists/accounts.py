"""What belongs to one account, and what it comes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Contact, Deal, Order, Stage, Ticket


class AccountTotals(NamedTuple):
    contacts: int
    open_tickets: int
    tickets: int
    last_seen_at: datetime | None


class Sum(NamedTuple):
    """How many, and their amounts in minor units of one currency; None where nobody said any."""

    kind: str
    currency: str | None
    records: int
    minor: int | None


async def account_totals(
    session: AsyncSession,
    account_id: int,
    contacts: ColumnElement[bool],
    tickets: ColumnElement[bool],
) -> AccountTotals:
    people = await session.execute(
        select(func.count(), func.max(Contact.last_seen_at)).where(
            Contact.account_id == account_id, contacts
        )
    )
    people_count, last_seen_at = people.one()
    is_open = Ticket.status.not_in(("solved", "closed"))
    counted = await session.execute(
        select(func.count().filter(is_open), func.count()).where(_of_account(account_id), tickets)
    )
    open_tickets, all_tickets = counted.one()
    return AccountTotals(people_count, open_tickets, all_tickets, last_seen_at)


def _of_account(account_id: int) -> Any:
    """Tickets of the account: those of its people are indexed by them."""
    people = select(Contact.id).where(Contact.account_id == account_id)
    return Ticket.contact_id.in_(people)


async def deal_sums(
    session: AsyncSession, account_id: int, which: ColumnElement[bool]
) -> list[Sum]:
    """By kind of stage and currency; amounts of two currencies are never added."""
    found = await session.execute(
        select(Stage.kind, Deal.currency, func.count(), func.sum(Deal.amount_minor))
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.account_id == account_id, which)
        .group_by(Stage.kind, Deal.currency)
        .order_by(Stage.kind, Deal.currency)
    )
    return [Sum(row[0], row[1], row[2], None if row[3] is None else int(row[3])) for row in found]


async def order_sums(session: AsyncSession, account_id: int) -> list[Sum]:
    people = select(Contact.id).where(Contact.account_id == account_id)
    found = await session.execute(
        select(Order.currency, func.count(), func.sum(Order.total_minor))
        .where(Order.contact_id.in_(people))
        .group_by(Order.currency)
        .order_by(Order.currency)
    )
    return [Sum("order", row[0], row[1], int(row[2])) for row in found]


async def contacts_of_account(
    session: AsyncSession, account_id: int, limit: int, which: ColumnElement[bool]
) -> list[int]:
    """Those seen last come first."""
    query = (
        select(Contact.id)
        .where(Contact.account_id == account_id, which)
        .order_by(Contact.last_seen_at.desc().nulls_last(), Contact.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def tickets_of_account(
    session: AsyncSession, account_id: int, limit: int, which: ColumnElement[bool]
) -> list[int]:
    query = (
        select(Ticket.id)
        .where(_of_account(account_id), which)
        .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def deals_of_account(
    session: AsyncSession, account_id: int, limit: int, which: ColumnElement[bool]
) -> list[dict[str, Any]]:
    """The newest first, with their stages."""
    found = await session.execute(
        select(
            *(Deal.id, Deal.name, Deal.amount_minor, Deal.currency, Deal.expected_close_on),
            *(Stage.label.label("stage"), Stage.label_zh.label("stage_zh")),
            Stage.kind.label("stage_kind"),
        )
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.account_id == account_id, which)
        .order_by(Deal.opened_at.desc(), Deal.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in found.mappings()]


async def parent_of(session: AsyncSession, account_id: int) -> tuple[int, str] | None:
    parent = await session.execute(
        select(Account.id, Account.name).where(
            Account.id
            == select(Account.parent_account_id).where(Account.id == account_id).scalar_subquery()
        )
    )
    row = parent.one_or_none()
    return None if row is None else (row[0], row[1])
