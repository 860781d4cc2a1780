"""Making and changing calendars."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.calendars import (
    CalendarRow,
    calendar_named,
    calendar_rows,
    lock_calendars,
    no_default,
)
from crm_store.models import Calendar
from engine.errors import NotFound, Problem, Refused
from engine.flows.problems import did_you_mean
from engine.local_time import is_zone
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.calendars.document import read_exceptions, read_week
from engine.services.calendars.public_holidays import (
    countries,
    is_known,
    special_days,
    subdivisions,
)
from engine.services.looking_again import hours_changed
from engine.working_time import NoWorkingTime, WorkingCalendar, next_working_instant

_LONGEST_IDLE: Final = timedelta(days=366)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class NewCalendar:
    """`country` and `subdivision` name the place whose public holidays count; `zone` None means
    where the contact lives."""

    name: str
    hours: Mapping[str, Any]
    label: str | None = None
    zone: str | None = None
    country: str | None = None
    subdivision: str | None = None
    exceptions: Mapping[str, Any] = field(default_factory=dict)
    is_default: bool = False


async def list_calendars(session: AsyncSession, actor: Actor) -> list[CalendarRow]:
    allowed(actor, "read", "calendar")
    return await calendar_rows(session)


async def get_calendar(session: AsyncSession, actor: Actor, name: str) -> CalendarRow:
    for row in await list_calendars(session, actor):
        if row.name == name:
            return row
    raise NotFound(f'There is no calendar "{name}".')


async def put_calendar(
    session: AsyncSession,
    actor: Actor,
    new: NewCalendar,
    now: datetime,
    *,
    look: Callable[[CalendarRow | None], None] | None = None,
) -> bool:
    """Make the calendar, or replace the one of that name; whether it is a new one.

    Runs that wait already keep their moment; open deals, tickets, approvals and cases count anew by
    it: `pokes.clocks` after the commit. The default stays what it was unless `is_default`.
    Raises Refused with every mistake, also for hours of which holidays and single days leave
    nothing in the year that comes. `look` is shown what is replaced, and raises where that is not
    what was meant.
    """
    allowed(actor, "edit", "calendar")
    _check(new, now)
    await lock_calendars(session)
    if look is not None:
        rows = {row.name: row for row in await calendar_rows(session)}
        look(rows.get(new.name))
    known = await calendar_named(session, new.name, lock=True)
    if new.is_default:
        await no_default(session)
    calendar = known or Calendar(name=new.name, label=new.name, hours={})
    calendar.label = new.label or (known.label if known else _spoken(new.name))
    calendar.zone, calendar.country = new.zone, new.country
    calendar.subdivision = new.subdivision
    calendar.hours, calendar.exceptions = dict(new.hours), dict(new.exceptions)
    calendar.is_default = new.is_default or (known is not None and known.is_default)
    calendar.updated_at = now
    session.add(calendar)
    await session.flush()
    verb = "create" if known is None else "edit"
    await audit.record(session, actor, verb, "calendar", calendar.id, after={"name": new.name})
    if known is not None or new.is_default:
        await hours_changed(session, now)
    return known is None


def _check(new: NewCalendar, now: datetime) -> None:
    problems: list[Problem] = []
    if not _NAME.fullmatch(new.name):
        sentence = "use lower-case letters, digits and _, with a letter first."
        problems.append(Problem("/name", "bad_name", sentence))
    week = read_week(new.hours, problems)
    exceptions = read_exceptions(dict(new.exceptions), problems)
    if new.zone is not None and not is_zone(new.zone):
        sentence = f'"{new.zone[:60]}" is no time zone; write one such as "Asia/Shanghai".'
        problems.append(Problem("/zone", "bad_zone", sentence))
    problems += _place_problems(new)
    if not problems:
        holidays = partial(special_days, new.country, new.subdivision)
        calendar = WorkingCalendar(week, exceptions, holidays, new.zone)
        problems += _idle_problems(calendar, now)
    if problems:
        count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
        raise Refused(f'The calendar "{new.name[:63]}" has {count}.', problems)


def _idle_problems(calendar: WorkingCalendar, now: datetime) -> list[Problem]:
    """A calendar without an hour of work in a year would hold whatever waits for one."""
    try:
        begins = next_working_instant(now, calendar, calendar.zone_for("UTC"))
    except NoWorkingTime:
        begins = None
    if begins is not None and begins <= now + _LONGEST_IDLE:
        return []
    when = f"before {begins:%Y-%m-%d}" if begins else "within ten years"
    words = f"nobody works {when}: holidays and exceptions leave nothing of the hours."
    place = "/exceptions" if calendar.exceptions else "/hours"
    return [Problem(place, "nobody_works", words)]


def _place_problems(new: NewCalendar) -> list[Problem]:
    if new.country is None:
        if new.subdivision is None:
            return []
        return [Problem("/subdivision", "no_country", "name the country as well.")]
    if not is_known(new.country):
        meant = did_you_mean(new.country, countries())
        return [Problem("/country", "unknown_country", f"no holidays are known there; {meant}")]
    if is_known(new.country, new.subdivision):
        return []
    meant = did_you_mean(new.subdivision or "", subdivisions(new.country))
    sentence = f"{new.country} has no such part; {meant}"
    return [Problem("/subdivision", "unknown_subdivision", sentence)]


def _spoken(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
