"""Loading the facts of many deals or tickets: a query for the records, one for their accounts, and
those of their contacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from sqlalchemy import ARRAY, BigInteger, any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.rules import Facts, Reads
from engine.services.fact_columns import ACCOUNT, CONTACT, DEAL, RECORDS, TICKET
from engine.services.facts import load_facts, record_shape

SubjectKind: TypeAlias = Literal["deal", "ticket"]

_TABLES: Final = {"deal": DEAL, "ticket": TICKET}


class _Subject(NamedTuple):
    contact_id: int | None
    account_id: int | None
    values: dict[str, Any]


async def load_subject_facts(
    session: AsyncSession,
    kind: SubjectKind,
    ids: Collection[int],
    reads: Reads,
    now: datetime,
) -> dict[int, Facts]:
    """The facts of each deal or ticket, as far as `reads` asks for them, under its kind, "contact"
    and "account"; the latter two are None where there is none. Records that do not exist are left
    out.

    The account is the record's own, else the one its contact works for. Lists (orders, deals,
    events ...) are the contact's, and empty without a contact.
    """
    subjects = await _subjects(session, kind, sorted(ids), reads)
    contact_ids = {one.contact_id for one in subjects.values() if one.contact_id is not None}
    contacts = await _contacts(session, contact_ids, reads, now)
    accounts = await _accounts(session, subjects, reads)
    empty: Facts = {"contact": None, **{name: [] for name in reads.lists}}
    return {
        id_: {
            **(empty if one.contact_id is None else contacts.get(one.contact_id, empty)),
            "account": None if one.account_id is None else accounts.get(one.account_id),
            kind: one.values,
        }
        for id_, one in subjects.items()
    }


async def _subjects(
    session: AsyncSession, kind: SubjectKind, ids: list[int], reads: Reads
) -> dict[int, _Subject]:
    columns, build = record_shape(kind, reads.of(kind))
    table = _TABLES[kind]
    account = func.coalesce(table.c.account_id, CONTACT.c.account_id)
    found = await session.execute(
        select(table.c.id, table.c.contact_id, account, *columns)
        .select_from(RECORDS[kind].rows.outerjoin(CONTACT, table.c.contact_id == CONTACT.c.id))
        .where(table.c.id == any_(literal(ids, ARRAY(BigInteger()))))
    )
    return {row[0]: _Subject(row[1], row[2], build(row[3:])) for row in found.all()}


async def _contacts(
    session: AsyncSession, ids: Collection[int], reads: Reads, now: datetime
) -> dict[int, Facts]:
    of_contact = frozenset(path for path in reads.fields if path[0] not in ("account", *_TABLES))
    if not ids or not (of_contact or reads.lists):
        return {id_: {"contact": {}} for id_ in ids}
    return await load_facts(session, ids, replace(reads, fields=of_contact), now)


async def _accounts(
    session: AsyncSession, subjects: Mapping[int, _Subject], reads: Reads
) -> dict[int, dict[str, Any]]:
    ids = sorted({one.account_id for one in subjects.values() if one.account_id is not None})
    if not ids or "account" not in reads.records:
        return {}
    columns, build = record_shape("account", reads.of("account"))
    found = await session.execute(
        select(ACCOUNT.c.id, *columns).where(
            ACCOUNT.c.id == any_(literal(ids, ARRAY(BigInteger())))
        )
    )
    return {row[0]: build(row[1:]) for row in found.all()}
