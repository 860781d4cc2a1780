"""Figures for dashboards and for the calendar of sending: read only, over a stretch of time."""

from engine.services.boards.calendar import (
    CalendarDay,
    Crowded,
    SendCalendar,
    send_calendar,
)
from engine.services.boards.campaigns import (
    Cohort,
    Funnel,
    MessageDay,
    cohorts,
    funnels,
    message_days,
    totalled,
)
from engine.services.boards.service_levels import ServiceLevel, service_levels
from engine.services.boards.stretch import LONGEST, Stretch
from engine.services.boards.volume import SendVolume, send_volume

__all__ = [
    "LONGEST",
    "CalendarDay",
    "Cohort",
    "Crowded",
    "Funnel",
    "MessageDay",
    "SendCalendar",
    "SendVolume",
    "ServiceLevel",
    "Stretch",
    "cohorts",
    "funnels",
    "message_days",
    "send_calendar",
    "send_volume",
    "service_levels",
    "totalled",
]
