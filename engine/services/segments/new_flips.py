"""Changes by time alone that events bring with them: a visit just now leaves its window in a week.

The values that were there at a segment's last look are reckoned with. New ones come with an event,
so the soonest moment at which one of them may change a member follows from the event: from its time
where the event itself is counted, and at once where a record changed that clocks are read from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from engine.rules import ir
from engine.rules.facts import LIST_KINDS
from engine.rules.flips import Clock
from engine.services.segments.reach import (
    ABOUT_THE_PERSON,
    RECORD_KIND,
    Happening,
    Ids,
    Reach,
    followed,
)

# The shortest month, so that a look is never too late.
_MONTH: Final = timedelta(days=28)
_JUST_AFTER: Final = timedelta(milliseconds=1)
_NO_FIELD: Final = ("", "")
_SEEN: Final = ("contact", "last_seen_at")
# Stands for records of several kinds.
_ANY: Final = "any"


class Occurrence(Happening, Protocol):
    @property
    def occurred_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Ticking:
    """The clocks of one segment, as events set them. `spans` are how long after an event of a name
    (None: of any) something may change; `records` are the kinds of records others are read from.
    """

    spans: tuple[tuple[str | None, timedelta], ...] = ()
    records: frozenset[str] = frozenset()


def ticking_of(clocks: Iterable[Clock]) -> Ticking:
    """Clocks that stand still until midnight are looked at then, whatever happens."""
    spans: set[tuple[str | None, timedelta]] = set()
    records: set[str] = set()
    for clock in clocks:
        if clock.is_daily:
            continue
        span = _span(clock.moment)
        if clock.items is not None and clock.items.name == "events":
            spans |= {(name, span) for name in _names(clock)}
        elif clock.items is not None:
            records.add(LIST_KINDS[clock.items.name])
        else:
            records.add("contact")
            path = clock.value.path if isinstance(clock.value, ir.Field) else _NO_FIELD
            records |= set(followed(path))
            if path == _SEEN:
                spans.add((None, span))
    return Ticking(tuple(spans), frozenset(records))


def flips_brought(
    segments: Mapping[int, Ticking], reach: Reach, events: Sequence[Occurrence], now: datetime
) -> dict[int, datetime]:
    """By segment, the soonest moment from now on at which one of these events may change it."""
    times: dict[tuple[str, str, Ids], list[datetime]] = defaultdict(list)
    records: dict[tuple[str, str, Ids], str | None] = {}
    for event in events:
        if ids := reach.of(event):
            key = event.kind, event.name, ids
            times[key].append(event.occurred_at)
            records[key] = _record(event)
    soonest: dict[int, datetime] = {}
    for key, occurred in times.items():
        occurred.sort()
        _, name, ids = key
        for id_ in ids & segments.keys():
            for at in _moments(segments[id_], name, records[key], occurred, now):
                soonest[id_] = min(at, soonest.get(id_, at))
    return soonest


def _moments(
    ticking: Ticking,
    name: str,
    record: str | None,
    occurred: Sequence[datetime],
    now: datetime,
) -> Iterator[datetime]:
    if record in ticking.records or (record == _ANY and ticking.records):
        yield now
    for counted, span in ticking.spans:
        if counted in (None, name):
            # the first event whose time is not over yet
            place = bisect_right(occurred, now - span)
            if place < len(occurred):
                yield occurred[place] + span + _JUST_AFTER


def _record(event: Happening) -> str | None:
    """The kind of record the event says was written; `_ANY` when it may be several."""
    if event.kind in ABOUT_THE_PERSON:
        return _ANY
    return str(event.properties.get("record")) if event.kind == RECORD_KIND else None


def _span(moment: ir.Moment) -> timedelta:
    """How long after a value its comparison with the moment changes, at least."""
    offset = moment.offset
    if offset.is_absolute:
        return timedelta(seconds=-offset.seconds)
    months, days = -offset.months, -offset.days
    return months * _MONTH + timedelta(days=days, seconds=-offset.seconds) - timedelta(days=1)


def _names(clock: Clock) -> Iterator[str | None]:
    found: list[Any] = []
    for part in clock.beside:
        match part:
            case ir.Compare("==", ir.Field(path=("name",)), ir.Literal(value=name)):
                found.append(name)
            case ir.OneOf(ir.Field(path=("name",)), options):
                found.extend(options)
    yield from found or (None,)
