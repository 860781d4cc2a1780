"""Calendars as a process knows them, ready to count with."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.calendars import CalendarRow, calendar_rows
from engine.errors import Problem
from engine.services.calendars.document import read_exceptions, read_week
from engine.services.calendars.public_holidays import special_days
from engine.steps.working import DEFAULT_CALENDAR
from engine.working_time import WorkingCalendar

log = logging.getLogger(__name__)

# By name; the default one under the empty name as well.
Calendars = Mapping[str, WorkingCalendar]


def built(row: CalendarRow) -> WorkingCalendar | None:
    """The calendar of a row; None for one whose hours cannot be read any more."""
    problems: list[Problem] = []
    week = read_week(row.hours, problems)
    exceptions = read_exceptions(row.exceptions, problems)
    if problems:
        log.error("calendar %s cannot be read: %s", row.name, problems[0])
        return None
    holidays = partial(special_days, row.country, row.subdivision)
    return WorkingCalendar(week, exceptions, holidays, row.zone)


@dataclass(slots=True)
class CalendarShelf:
    """`book` costs one small query; a book stays the same object as long as nothing was changed."""

    _rows: list[CalendarRow] | None = None
    _book: Calendars = field(default_factory=dict)

    async def book(self, session: AsyncSession) -> Calendars:
        rows = await calendar_rows(session)
        if rows != self._rows:
            calendars: dict[str, WorkingCalendar] = {}
            for row in rows:
                calendar = built(row)
                if calendar is None:
                    continue
                calendars[row.name] = calendar
                if row.is_default:
                    calendars[DEFAULT_CALENDAR] = calendar
            self._rows, self._book = rows, calendars
        return self._book
