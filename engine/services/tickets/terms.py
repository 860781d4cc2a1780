"""A ticket policy as the machine counts by it."""

from __future__ import annotations

from datetime import timedelta

from engine.local_time import parse_span
from engine.machines.ticket import Clock, Terms
from engine.services.calendars.shelf import Calendars
from engine.steps.working import DEFAULT_CALENDAR
from engine.stopwatch import working_length
from engine.tickets import CLOCK_TIME, TicketPolicy
from engine.working_time import WorkingCalendar


def terms_of(policy: TicketPolicy, calendars: Calendars, zone: str) -> Terms:
    """Where the named calendar is gone the default one counts, and without one day and night."""
    calendar = _calendar(policy, calendars)
    return Terms(
        limits={
            (priority, clock): _limit(text, calendar)
            for priority, targets in policy.targets.items()
            for clock in Clock
            if (text := getattr(targets, clock)) is not None
        },
        alerts=policy.alerts,
        reopen_within=parse_span(policy.reopen_within),
        close_after=parse_span(policy.close_after),
        calendar=calendar,
        zone=zone,
    )


def _calendar(policy: TicketPolicy, calendars: Calendars) -> WorkingCalendar | None:
    if policy.calendar == CLOCK_TIME:
        return None
    return calendars.get(policy.calendar or DEFAULT_CALENDAR) or calendars.get(DEFAULT_CALENDAR)


def _limit(text: str, calendar: WorkingCalendar | None) -> timedelta:
    return working_length(parse_span(text), calendar)
