"""Working out a rule's moments: the one place where a rule meets `now` and a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from engine.local_time import (
    Span,
    add_span,
    add_to_date,
    first_day,
    local_date,
    start_of_day,
)
from engine.rules import ir
from engine.rules.types import Type

Resolve = Callable[[datetime, str], date | datetime]


def resolver(moment: ir.Moment) -> Resolve:
    """The function from now and a zone to the instant or date that a moment stands for."""
    if moment.anchor == "now":
        return _from_now(moment.offset)
    if moment.type is Type.DATE:
        return lambda now, zone: _day(moment, now, zone)
    return lambda now, zone: start_of_day(_day(moment, now, zone), zone)


def depends_on_zone(moment: ir.Moment) -> bool:
    """Whether the moment is another one in another zone."""
    return moment.anchor != "now" or not moment.offset.is_absolute


def _from_now(offset: Span) -> Resolve:
    if offset.is_absolute:
        distance = timedelta(seconds=offset.seconds)
        return lambda now, _: now + distance
    return lambda now, zone: add_span(now, offset, zone)


def _day(moment: ir.Moment, now: datetime, zone: str) -> date:
    if isinstance(moment.anchor, date):
        return add_to_date(moment.anchor, moment.offset)
    assert moment.anchor != "now"
    return add_to_date(first_day(local_date(now, zone), moment.anchor), moment.offset)
