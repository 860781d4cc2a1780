"""Who stood at the door of a flow in a stretch of the past: page by page, by kind of trigger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.field_changes import ChangedField
from crm_store.past import (
    PastChange,
    audiences_between,
    changes_between,
    contacts_after,
    count_contacts,
    earlier_values,
    events_between,
    made_between,
    was_published,
)
from engine.dates.occasions import Dated
from engine.errors import Refused
from engine.flows.model import Flow
from engine.flows.triggers import (
    DateTrigger,
    ManualTrigger,
    RecordTrigger,
    ScheduleTrigger,
)
from engine.rules import Reads
from engine.services.backtesting.question import MOST_LOOKS, Knock, Question
from engine.services.changes.gathering import changed_records
from engine.services.changes.said import KIND, SOURCE
from engine.services.due_dates.days_off import days_off_of
from engine.services.entries import ZONE, zone_of
from engine.services.facts import event_record, load_facts
from engine.simulate.arrivals import Doors, date_in, dates_watched, scheduled, trigger_reads

# Large enough for the database, small enough that the event loop goes on beside it.
PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Happened:
    """An event that nobody stored: told by the history of a record."""

    name: str
    occurred_at: datetime
    properties: dict[str, Any]
    kind: str = KIND
    source: str = SOURCE


async def knocks(
    session: AsyncSession, flow: Flow, question: Question
) -> AsyncIterator[list[Knock]]:
    """Everybody who stood at the door, page by page. Pages of events come in the order of time.

    Raises Refused when everybody would have to be looked at too often.
    """
    async for page in _pages(session, flow, question):
        if chosen := [knock for knock in page if is_chosen(knock.contact_id, question)]:
            yield chosen


def is_chosen(contact_id: int, question: Question) -> bool:
    """Whether the contact is in the share that is looked at; the same for the same seed."""
    if question.share >= 100:
        return True
    drawn = blake2b(f"{question.seed}:{contact_id}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) / 2**64 * 100 < question.share


def _pages(session: AsyncSession, flow: Flow, question: Question) -> AsyncIterator[list[Knock]]:
    trigger = flow.trigger
    match trigger:
        case ManualTrigger():
            return _nobody()
        case RecordTrigger(created=True):
            return _made(session, trigger, question)
        case RecordTrigger():
            return _changed(session, trigger, question)
        case DateTrigger():
            return _on_their_days(session, trigger, question)
        case ScheduleTrigger():
            return _at_its_times(session, trigger, question)
    if trigger.starts_on is None:
        return _as_audiences(session, flow, question)
    return _by_event(session, trigger.starts_on, question)


async def _nobody() -> AsyncIterator[list[Knock]]:
    nobody: tuple[list[Knock], ...] = ()
    for page in nobody:
        yield page


async def _by_event(
    session: AsyncSession, name: str, question: Question
) -> AsyncIterator[list[Knock]]:
    pages = events_between(session, name, question.clock, question.since, question.until, PAGE)
    async for page in pages:
        yield [
            Knock(event.contact_id, event.at, f"event:{event.id}", event_record(event))
            for event in page
        ]


async def _made(
    session: AsyncSession, trigger: RecordTrigger, question: Question
) -> AsyncIterator[list[Knock]]:
    name, kind = str(trigger.starts_on), trigger.record
    async for page in made_between(session, kind, question.since, question.until, PAGE):
        yield [
            Knock(
                contact_id,
                at,
                f"created:{kind}:{id_}",
                event_record(_Happened(name, at, {"record": kind, "record_id": id_})),
            )
            for id_, at, contact_id in page
        ]


async def _changed(
    session: AsyncSession, trigger: RecordTrigger, question: Question
) -> AsyncIterator[list[Knock]]:
    """One knock for each record and transaction, as the event of the change would have told."""
    name, fields = str(trigger.starts_on), tuple(trigger.fields)
    pages = changes_between(session, trigger.record, fields, question.since, question.until, PAGE)
    begun: list[PastChange] = []
    async for page in pages:
        *whole, begun = _together([*begun, *page])
        yield [knock for rows in whole for knock in _told(trigger, name, rows)]
    yield list(_told(trigger, name, begun)) if begun else []


def _together(changes: Sequence[PastChange]) -> list[list[PastChange]]:
    """What a transaction did to a record; the last of it may go on behind the page."""
    return [list(rows) for _, rows in groupby(changes, lambda c: (c.transaction_id, c.record_id))]


def _told(trigger: RecordTrigger, name: str, rows: Sequence[PastChange]) -> Iterator[Knock]:
    at = rows[-1].at
    written = [
        ChangedField(row.id, trigger.record, row.record_id, row.contact_id, *row[3:6])
        for row in rows
    ]
    for one in changed_records(written):
        if changes := one.changes:
            said = {"record": one.record, "record_id": one.record_id, "changes": changes}
            event = event_record(_Happened(name, at, said))
            yield Knock(one.contact_id, at, f"changed:{one.record}:{one.last_id}", event)


async def _everybody(
    session: AsyncSession, times: Sequence[datetime], question: Question
) -> AsyncIterator[list[Knock]]:
    """Everybody at each of these times, contact after contact."""
    await _bounded(session, len(times), question)
    size = max(1, PAGE // max(1, len(times)))
    async for ids in _contacts(session, question, size):
        yield [Knock(id_, at, f"audience:{at.isoformat()}") for id_ in ids for at in times]


async def _at_its_times(
    session: AsyncSession, trigger: ScheduleTrigger, question: Question
) -> AsyncIterator[list[Knock]]:
    # a year of minutes takes seconds of pure computing
    times = await asyncio.to_thread(scheduled, trigger, question.since, question.until)
    async for page in _everybody(session, times, question):
        yield page


async def _as_audiences(
    session: AsyncSession, flow: Flow, question: Question
) -> AsyncIterator[list[Knock]]:
    """Everybody at the moments at which a rule over contacts was asked: when the flow was published
    and when an audience was let in by hand. A flow that never was is asked once, at the start."""
    times = await audiences_between(session, flow.name, question.since, question.until)
    if not times and not await was_published(session, flow.name, question.until):
        times = [question.since]
    async for page in _everybody(session, times, question):
        yield page


async def _bounded(session: AsyncSession, times: int, question: Question) -> None:
    people = await count_contacts(session, question.until)
    looks = people * times * min(question.share, 100) / 100
    if looks > MOST_LOOKS:
        raise Refused(
            f"This would look at {people:,} contacts {times:,} times, which is more than"
            f" {MOST_LOOKS:,} looks. Take a shorter time or a share of the contacts."
        )


async def _on_their_days(
    session: AsyncSession, trigger: DateTrigger, question: Question
) -> AsyncIterator[list[Knock]]:
    """Each contact on the days of all dates it had in that time; `entering` asks which it had."""
    doors = Doors(
        trigger,
        question.since,
        question.until,
        default_zone=question.default_zone,
        days_off=days_off_of,
    )
    reads: Reads = trigger_reads(trigger) | ZONE
    async for ids in _contacts(session, question, PAGE):
        facts = await load_facts(session, ids, reads, question.until)
        before = {}
        if not trigger.of_a_deal:
            before = await earlier_values(session, ids, trigger.field, question.since)
        page: dict[tuple[int, datetime, str], Knock] = {}
        for id_, known in facts.items():
            zone = zone_of(known, question.default_zone)
            dated = list(dates_watched(trigger, known, zone))
            for one in _earlier(before.get(id_, ()), trigger, known, zone):
                dated.append((None, one))
            for record_id, one in dated:
                source = trigger.field if record_id is None else f"{trigger.field}:{record_id}"
                for found in doors.days(trigger, one):
                    occasion = f"date:{source}:{found.name}"
                    page[id_, found.due, occasion] = Knock(id_, found.due, occasion)
        yield list(page.values())


def _earlier(
    values: Sequence[Any], trigger: DateTrigger, facts: dict[str, Any], zone: str
) -> Iterator[Dated]:
    """The same contact with the dates it had before."""
    head, _, key = trigger.field.partition(".")
    for value in values:
        contact = dict(facts["contact"])
        contact[head] = {key: value} if key else date_in(value)
        for _, one in dates_watched(trigger, {**facts, "contact": contact}, zone):
            yield one


async def _contacts(
    session: AsyncSession, question: Question, size: int
) -> AsyncIterator[list[int]]:
    after = 0
    while ids := await contacts_after(session, after, question.until, size):
        after = ids[-1]
        yield ids
