"""How often one person may enter by a schedule, in the busiest day or week of a year."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from engine.dates.cron import firings_between
from engine.flows.model import Entry, EntryPolicy
from engine.flows.triggers import ScheduleTrigger
from engine.local_time import parse_span

# A schedule is the same in every year but for the days of the week; that of a leap year has all.
_FROM: Final = datetime(2028, 1, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2029, 1, 1, tzinfo=UTC)
# More than a week of quarters of an hour: whatever fires so often is told by its first days.
_LOOKED_AT: Final = 700


def most_entries(trigger: ScheduleTrigger, entry: Entry, run: timedelta, within: timedelta) -> int:
    """The most entries of one person in any such length of time; `run` is the shortest way through
    the flow. Two entries exactly so far apart are not within it.
    """
    last: deque[datetime] = deque()
    most = 0
    for at in _entries(trigger, _between(entry, run)):
        last.append(at)
        while at - last[0] >= within:
            last.popleft()
        most = max(most, len(last))
        if entry.policy is EntryPolicy.ONCE:
            break
    return most


def _entries(trigger: ScheduleTrigger, between: timedelta) -> Iterator[datetime]:
    entered: datetime | None = None
    fires = firings_between(trigger.schedule, trigger.zone, _FROM, _UNTIL)
    for at in islice(fires, _LOOKED_AT):
        if entered is None or at - entered >= between:
            entered = at
            yield at


def _between(entry: Entry, run: timedelta) -> timedelta:
    """How far apart two entries of a person are at least; a month counts as 28 days."""
    if entry.policy is EntryPolicy.AFTER_EXIT:
        return run
    if entry.policy is not EntryPolicy.EVERY:
        return timedelta(0)
    span = parse_span(entry.by or "")
    return timedelta(days=span.days + 28 * span.months, seconds=span.seconds)
