"""When time alone will change a segment next, and whom it may have changed since the last look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from engine.local_time import add_span, local_date, start_of_day
from engine.rules import Reads, Rule, ir
from engine.rules.flips import Clock, Flips, crossed
from engine.rules.moments import resolver
from engine.rules.parse import compiled
from engine.rules.to_sql.literals import typed
from engine.rules.to_sql.per_record import PerRecord
from engine.rules.types import Type
from engine.services.fact_columns import CONTACTS
from engine.services.segments_query import ids_matching

# A recount of everybody now and then finds what no event and no clock told of.
RECOUNT_EVERY: Final = timedelta(days=1)
# Moments that cannot be computed, or lie some days beside what a calendar month says.
LOOK_EVERY: Final = timedelta(hours=1)
# An account changes for all who work for it, and a message when it is sent, and tell no event.
SILENT_EVERY: Final = timedelta(minutes=5)
# How long a change may take from its time stamp to its commit.
LONGEST_COMMIT: Final = timedelta(minutes=5)
# Ends of windows belong to them: what flips at an instant has flipped just after it.
JUST_AFTER: Final = timedelta(milliseconds=1)
# Months are of 28 to 31 days, so a moment one month away is sure within so much.
MONTHS_MARGIN: Final = timedelta(days=3)

_NOW: Final = ir.Moment(Type.DATETIME, "now")
_ACCOUNT_WRITTEN: Final = Clock(_NOW, ir.Field(Type.DATETIME, ("account", "updated_at")))
_MESSAGE_SENT: Final = Clock(
    _NOW, ir.Field(Type.DATETIME, ("handed_over_at",)), ir.Items("messages")
)


@dataclass(frozen=True, slots=True)
class Watch:
    """What of a segment changes without an event about the contact."""

    flips: Flips
    silent: tuple[Clock, ...]

    @classmethod
    def over(cls, flips: Flips, reads: Reads) -> Watch:
        silent = [_ACCOUNT_WRITTEN] if "account" in reads.records else []
        silent += [_MESSAGE_SENT] if "messages" in reads.lists else []
        return cls(flips, tuple(silent))

    def needs_everybody(self, since: datetime, now: datetime, zone: str) -> bool:
        """Whether those who may have changed since then can only be found by asking everybody."""
        if self.flips.unclear:
            return True
        return self.flips.daily and local_date(since, zone) != local_date(now, zone)

    def may_have_changed(self, since: datetime, now: datetime, zone: str) -> Rule | None:
        """The rule of those whom time, or what tells no event, may have changed since then."""
        parts = []
        if self.flips.clocks:
            parts.append(crossed(self.flips.clocks, since, now, zone))
        if self.silent:
            parts.append(crossed(self.silent, since - LONGEST_COMMIT, now, zone))
        return compiled(None, ir.Or(tuple(parts))) if parts else None

    async def next_look(
        self, session: AsyncSession, as_of: datetime, zone: str, *, exactly: bool
    ) -> datetime:
        """The earliest instant after `as_of` at which members may change; a recount at the latest.

        Without `exactly` the database is not asked, and the answer is now.
        """
        due = as_of + RECOUNT_EVERY
        if self.flips.unclear:
            due = min(due, as_of + LOOK_EVERY)
        if self.silent:
            due = min(due, as_of + SILENT_EVERY)
        if self.flips.daily or any(clock.is_daily for clock in self.flips.clocks):
            due = min(due, _midnight(as_of, zone))
        for clock in self.flips.clocks:
            if clock.is_daily:
                continue
            if not exactly:
                return as_of
            if (flip := await _next_flip(session, clock, as_of, zone)) is not None:
                due = min(due, flip)
        return due


def _midnight(now: datetime, zone: str) -> datetime:
    return start_of_day(local_date(now, zone) + timedelta(days=1), zone)


async def _next_flip(
    session: AsyncSession, clock: Clock, as_of: datetime, zone: str
) -> datetime | None:
    """When the clock's moment passes the nearest value that it has not passed yet."""
    offset = clock.moment.offset
    earliest = await session.scalar(_soonest(clock, as_of, zone))
    if earliest is None:
        return None
    value = earliest if isinstance(earliest, datetime) else _instant(earliest)
    if offset.is_absolute:
        return value - timedelta(seconds=offset.seconds) + JUST_AFTER
    about = add_span(value, -offset, zone) - MONTHS_MARGIN
    return max(about, as_of + LOOK_EVERY)


def _soonest(clock: Clock, as_of: datetime, zone: str) -> Select[Any]:
    sql = PerRecord(CONTACTS, as_of, zone)
    at = resolver(clock.moment)(as_of, zone)
    if clock.items is None:
        ahead = compiled(None, ir.Compare(">=", clock.value, ir.Literal(clock.moment.type, at)))
        value = sql.value(clock.value, CONTACTS.root)
        return ids_matching(ahead, as_of, zone).with_only_columns(func.min(value))
    source = CONTACTS.lists[clock.items.name]
    value = sql.value(clock.value, source.scope)
    beside: Sequence[Any] = [sql.holds(part, source.scope) for part in clock.beside]
    return select(func.min(value)).select_from(source.table).where(*beside, value >= typed(at))


def _instant(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
