"""Which contacts a rule holds for, asked of the database in one query."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.rules import Rule
from engine.rules.to_sql import Reach, condition
from engine.services.fact_columns import CONTACT, CONTACTS, contact_rows

CONTACT_ID: ColumnElement[int] = CONTACT.c.id
CONTACT_OWNER: ColumnElement[int] = CONTACT.c.owner_id


def ids_matching(rule: Rule, now: datetime, zone: str = "UTC") -> Select[int]:
    """The ids of the contacts for which the rule holds; page by adding
    `.where(CONTACT_ID > last).order_by(CONTACT_ID).limit(size)`.

    Raises NotInSql for a rule about an event, deal or ticket at hand.
    """
    return _ids(rule, now, zone, "page")


def all_ids_matching(rule: Rule, now: datetime, zone: str = "UTC") -> Select[int]:
    """Like `ids_matching`, for a query that reads all of them in one go."""
    return _ids(rule, now, zone, "all")


def ids_matching_among(
    rule: Rule, contact_ids: Collection[int], now: datetime, zone: str = "UTC"
) -> Select[int]:
    """Those of a few contacts for which the rule holds; reads what belongs to them alone."""
    few = any_(literal(sorted(contact_ids), ARRAY(BigInteger()))) == CONTACT_ID
    return _ids(rule, now, zone, "one").where(few)


async def count_matching(
    session: AsyncSession,
    rule: Rule,
    now: datetime,
    zone: str = "UTC",
    *,
    which: ColumnElement[bool] | None = None,
) -> int:
    """How many contacts the rule holds for, among those that `which` says."""
    matching = all_ids_matching(rule, now, zone).with_only_columns(func.count())
    if which is not None:
        matching = matching.where(which)
    return (await session.execute(matching)).scalar_one()


def _ids(rule: Rule, now: datetime, zone: str, reach: Reach) -> Select[int]:
    where = condition(rule, CONTACTS, now, zone, reach=reach)
    return select(CONTACT_ID).select_from(contact_rows(rule.reads)).where(where)
