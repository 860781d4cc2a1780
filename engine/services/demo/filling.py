"""Putting the demo into the store: streamed by COPY in one transaction, so all of it or nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store import demo as rows
from crm_store.session import Store
from engine.errors import Conflict, Refused
from engine.rules.types import Type
from engine.services.actor import SYSTEM
from engine.services.custom_fields import DefinedField, define_custom_field
from engine.services.demo import company, dealings, people
from engine.services.demo.people import Company, DemoContact, People
from engine.services.preferences import add_ready_topics

USUAL_CONTACTS: Final = 2_000
USUAL_SEED: Final = 1
MOST_CONTACTS: Final = 5_000_000
# Each chunk has a generator of its own, so contact 1,500 is the same person in every demo that has
# so many; and no more than a chunk is in memory.
_CHUNK: Final = 5_000
_PEOPLE_PER_ACCOUNT: Final = 15


@dataclass(frozen=True, slots=True)
class DemoCounts:
    contacts: int
    accounts: int
    orders: int
    deals: int
    tickets: int


async def ensure_demo(store: Store, now: datetime) -> DemoCounts | None:
    """The usual demo when there is no contact yet; None when there are some."""
    async with store.transaction() as session:
        if not await rows.has_no_contacts(session):
            return None
    return await fill_demo(store, USUAL_CONTACTS, USUAL_SEED, now)


async def fill_demo(
    store: Store,
    contacts: int,
    seed: int,
    now: datetime,
    progress: Callable[[int], None] = lambda _contacts: None,
) -> DemoCounts:
    """Fill a database that has no contacts; raises Conflict when it has some.

    The same contacts, seed and now give the same records. `progress` hears how many people are in.
    """
    if not 1 <= contacts <= MOST_CONTACTS:
        raise Refused(f"Ask for 1 to {MOST_CONTACTS:,} contacts.")
    async with store.transaction() as session:
        await rows.alone(session)
        if not await rows.has_no_contacts(session):
            raise Conflict(
                "There are contacts already. Demo data goes into an empty database only, so that "
                "it never mixes with yours; use another data folder."
            )
        counts = await _fill(session, contacts, seed, now, progress)
        await rows.write_stays(session)
        await rows.learn_statistics(session)
    return counts


async def _fill(
    session: AsyncSession, contacts: int, seed: int, now: datetime, progress: Callable[[int], None]
) -> DemoCounts:
    rnd = random.Random(f"company {seed}")
    plan = DefinedField("contact", "plan", Type.TEXT, "Plan", "套餐", ("free", "team", "business"))
    await define_custom_field(session, SYSTEM, plan)
    await rows.add_tags(session, dealings.TAGS)
    await add_ready_topics(session, SYSTEM)
    staff = await company.make_company(session, rnd, now)
    account_ids = await rows.reserve_ids(
        session, "account", max(10, contacts // _PEOPLE_PER_ACCOUNT)
    )
    await bulk.copy_rows(
        session,
        "account",
        company.ACCOUNT_COLUMNS,
        (
            company.account_row(rnd, account_id, number, staff.owner_ids, now)
            for number, account_id in enumerate(account_ids)
        ),
    )
    contact_ids = await rows.reserve_ids(session, "contact", contacts)
    people_of = People(Company(account_ids, staff.owner_ids), now)
    totals = {"order": 0, "deal": 0, "ticket": 0}
    for first in range(0, contacts, _CHUNK):
        numbers = range(first, min(first + _CHUNK, contacts))
        rnd = random.Random(f"{seed} {first}")
        chunk = [people_of.person(rnd, contact_ids[number], number + 1) for number in numbers]
        await _copy_chunk(session, chunk, staff, rnd, now, totals)
        progress(numbers.stop)
    return DemoCounts(contacts, len(account_ids), totals["order"], totals["deal"], totals["ticket"])


async def _copy_chunk(
    session: AsyncSession,
    chunk: list[DemoContact],
    staff: company.Staff,
    rnd: random.Random,
    now: datetime,
    totals: dict[str, int],
) -> None:
    def of_all(each: Callable[[DemoContact], Iterator[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
        return list(chain.from_iterable(map(each, chunk)))

    async def copy(table: str, columns: Iterable[str], lines: list[tuple[Any, ...]]) -> None:
        await bulk.copy_rows(session, table, list(columns), lines)
        if table in totals:
            totals[table] += len(lines)

    await copy("contact", people.COLUMNS, [who.row for who in chunk])
    await copy("consent", dealings.CONSENT_COLUMNS, of_all(lambda who: dealings.consents(rnd, who)))
    await copy("contact_tag", ("contact_id", "tag"), of_all(lambda who: dealings.tags(rnd, who)))
    await copy("order", dealings.ORDER_COLUMNS, of_all(lambda who: dealings.orders(rnd, who, now)))
    await copy(
        "deal", dealings.DEAL_COLUMNS, of_all(lambda who: dealings.deals(rnd, who, staff, now))
    )
    await copy(
        "ticket", dealings.TICKET_COLUMNS, of_all(lambda who: dealings.tickets(rnd, who, now))
    )
    await copy("event", dealings.EVENT_COLUMNS, of_all(lambda who: dealings.visits(rnd, who, now)))
