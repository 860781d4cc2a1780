"""Whose date may have come: the rows that a look reads, as one query.

A date is a column or a custom field, of a contact or of a deal; custom fields hold dates as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    extract,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from engine.dates.occasions import Candidates, Dated
from engine.dates.yearly import Calendar
from engine.flows.triggers import DateTrigger
from engine.flows.triggers.date import OF_A_DEAL
from engine.local_time import zone_names
from engine.rules import Reads
from engine.services.fact_columns import CONTACT, DEAL, RECORDS, STAGE, contact_rows
from engine.steps.contact_dates import date_of_text

CUSTOM: Final = "custom."
_ONE_DAY: Final = timedelta(days=1)


class DatedRow(NamedTuple):
    """`record_id` is the deal's number, 0 for a date of the contact itself; `dated` is None where a
    text is no date.
    """

    contact_id: int
    record_id: int
    dated: Dated | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row looked at."""

    contact_id: int = 0
    record_id: int = 0


async def page_due(
    session: AsyncSession, trigger: DateTrigger, wanted: Candidates, after: Cursor, limit: int
) -> list[DatedRow]:
    """The next rows that the candidates describe, in order."""
    shape = _Shape(trigger)
    return await _page(session, shape, [shape.is_among(wanted), *_lives_in(wanted)], after, limit)


async def page_written(
    session: AsyncSession, trigger: DateTrigger, since: datetime, after: Cursor, limit: int
) -> list[DatedRow]:
    """The next rows that were made or edited since, as far as it can change their day."""
    shape = _Shape(trigger)
    fields = [trigger.field, "time_zone", "country"]
    if trigger.calendar_field is not None:
        fields.append(trigger.calendar_field)
    touched = text(
        """
        SELECT contact_id FROM field_change
        WHERE record = 'contact' AND field = ANY(:fields) AND changed_at > :since
        UNION ALL SELECT id FROM contact WHERE created_at > :since
        """
    ).bindparams(bindparam("fields", fields, ARRAY(Text)), bindparam("since", since))
    touched_ids = touched.columns(contact_id=BigInteger).subquery("touched")
    condition: ColumnElement[bool] = CONTACT.c.id.in_(select(touched_ids.c.contact_id))
    if trigger.of_a_deal:
        condition = or_(condition, DEAL.c.updated_at > since)
    return await _page(session, shape, [condition], after, limit)


async def rows_of(session: AsyncSession, trigger: DateTrigger, contact_id: int) -> list[DatedRow]:
    """Everything of one contact that the trigger watches."""
    shape = _Shape(trigger)
    asked = shape.select().where(CONTACT.c.id == contact_id).order_by(shape.record_id)
    return [shape.row(one) for one in await session.execute(asked)]


async def _page(
    session: AsyncSession,
    shape: _Shape,
    conditions: list[ColumnElement[bool]],
    after: Cursor,
    limit: int,
) -> list[DatedRow]:
    here = tuple_(CONTACT.c.id, shape.record_id)
    found = (
        shape.select()
        .where(*conditions, here > tuple_(literal(after.contact_id), literal(after.record_id)))
        # asked for the first of them in order, the planner would walk through all contacts
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    page = select(found).order_by(found.c.contact_id, found.c.record_id).limit(limit)
    return [shape.row(one) for one in await session.execute(page)]


class _Shape:
    """Where a trigger's date is kept."""

    def __init__(self, trigger: DateTrigger) -> None:
        self.trigger = trigger
        record = RECORDS["deal" if trigger.of_a_deal else "contact"]
        self.name = trigger.field.removeprefix(OF_A_DEAL)
        self.is_text = self.name.startswith(CUSTOM)
        self.record_id: ColumnElement[int] = (
            DEAL.c.id if trigger.of_a_deal else literal(0, BigInteger())
        )
        self.value: ColumnElement[Any]
        if self.is_text:
            self.value = record.documents[("custom",)][self.name.removeprefix(CUSTOM)].astext
        else:
            self.value = record.fields[(self.name,)]

    def select(self) -> Select[Any]:
        return self._select().where(*self._stage_is_right())

    def _stage_is_right(self) -> list[ColumnElement[bool]]:
        """The stage that the deal is in when it is looked at."""
        if self.trigger.deal_stage is None:
            return []
        among = select(STAGE.c.id).where(STAGE.c.kind == self.trigger.deal_stage)
        return [DEAL.c.stage_id.in_(among)]

    def _select(self) -> Select[Any]:
        return (
            select(
                CONTACT.c.id.label("contact_id"),
                self.record_id.label("record_id"),
                self.value.label("value"),
                self._calendar().label("calendar"),
                CONTACT.c.time_zone,
                CONTACT.c.country,
            )
            .select_from(self._rows())
            .where(self.value.is_not(None))
        )

    def row(self, one: Any) -> DatedRow:
        contact_id, record_id, value, calendar, zone, country = one
        known = date_of_text(value) if isinstance(value, str) else value
        by = self.trigger.one_calendar
        if calendar is not None:
            by = Calendar.LUNAR if calendar == Calendar.LUNAR else Calendar.GREGORIAN
        dated = None if known is None else Dated(known, by, zone, country)
        return DatedRow(contact_id, record_id, dated)

    def is_among(self, wanted: Candidates) -> ColumnElement[bool]:
        if not self.trigger.yearly:
            return self._on(wanted.days)
        own, by = self.trigger.calendar_field, self.trigger.one_calendar
        solar, lunar = self._in_the_year(wanted.month_days), self._on(wanted.lunar_births)
        if own is None:
            return lunar if by is Calendar.LUNAR else solar
        # written so that both find their index
        return or_(solar, and_(lunar, self._calendar() == Calendar.LUNAR.value))

    def _rows(self) -> FromClause:
        if self.trigger.of_a_deal:
            return DEAL.join(CONTACT, CONTACT.c.id == DEAL.c.contact_id)
        return contact_rows(Reads(fields=frozenset({("contact", self.name)})))

    def _calendar(self) -> ColumnElement[Any]:
        name = self.trigger.calendar_field
        if name is None:
            return cast(null(), Text)
        if name.startswith(CUSTOM):
            custom: ColumnElement[Any] = CONTACT.c.custom[name.removeprefix(CUSTOM)].astext
            return func.coalesce(custom, literal(Calendar.GREGORIAN.value))
        return CONTACT.c[name]

    def _on(self, days: tuple[date, ...]) -> ColumnElement[bool]:
        if self.is_text:
            texts = [day.isoformat() for day in _with_neighbours(days)]
            return func.left(self.value, 10) == any_(literal(texts, ARRAY(Text)))
        if isinstance(self.value.type, DateTime):
            near = literal(list(_with_neighbours(days)), ARRAY(Date))
            return cast(func.timezone("UTC", self.value), Date) == any_(near)
        return self.value == any_(literal(list(days), ARRAY(Date)))

    def _in_the_year(self, month_days: tuple[int, ...]) -> ColumnElement[bool]:
        if self.is_text:
            # a text that was never a date must not stop the query
            found = func.substr(self.value, 6, 5)
            texts = [f"{n // 100:02}-{n % 100:02}" for n in _near(month_days)]
            return found == any_(literal(texts, ARRAY(Text)))
        value, wanted = self.value, list(month_days)
        if isinstance(self.value.type, DateTime):
            value, wanted = func.timezone("UTC", self.value), _near(month_days)
        # spelled as the index has it
        number = cast(extract("month", value) * 100 + extract("day", value), Integer)
        return number == any_(literal(wanted, ARRAY(Integer)))


def _lives_in(wanted: Candidates) -> list[ColumnElement[bool]]:
    if wanted.zones is None:
        return []
    zone = CONTACT.c.time_zone
    there = zone == any_(literal(list(wanted.zones), ARRAY(Text)))
    if not wanted.nowhere:
        return [there]
    known = literal(sorted(zone_names()), ARRAY(Text))
    return [or_(there, zone.is_(None), ~(zone == any_(known)))]


def _with_neighbours(days: tuple[date, ...]) -> list[date]:
    """An instant may be another date in its contact's zone than in UTC."""
    near = {day + _ONE_DAY * away for day in days for away in (-1, 0, 1)}
    return sorted(near)


def _near(month_days: tuple[int, ...]) -> list[int]:
    """The same for days of the year, counted in a leap year."""
    days = [date(2000, number // 100, number % 100) for number in month_days]
    return sorted({day.month * 100 + day.day for day in _with_neighbours(tuple(days))})
