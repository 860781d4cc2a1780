"""Which contacts a rule holds for, asked of the database in one query."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.rules import Rule
from engine.rules.to_sql import condition
from engine.services.fact_columns import ACCOUNT, CONTACT, CONTACTS

CONTACT_ID: ColumnElement[int] = CONTACT.c.id


def ids_matching(rule: Rule, now: datetime, zone: str = "UTC") -> Select[int]:
    """The ids of the contacts for which the rule holds; page by adding
    `.where(CONTACT_ID > last).order_by(CONTACT_ID).limit(size)`.

    Raises NotInSql for a rule about an event, deal or ticket at hand.
    """
    return select(CONTACT_ID).select_from(_rows(rule)).where(condition(rule, CONTACTS, now, zone))


async def count_matching(
    session: AsyncSession, rule: Rule, now: datetime, zone: str = "UTC"
) -> int:
    """How many contacts the rule holds for."""
    query = (
        select(func.count()).select_from(_rows(rule)).where(condition(rule, CONTACTS, now, zone))
    )
    return (await session.execute(query)).scalar_one()


def _rows(rule: Rule) -> FromClause:
    if "account" not in rule.reads.records:
        return CONTACT
    return CONTACT.outerjoin(ACCOUNT, CONTACT.c.account_id == ACCOUNT.c.id)
