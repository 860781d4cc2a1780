"""When it becomes a certain time of day in each of some hundred zones."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from engine.local_time import local_date, local_instant

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Hours:
    """One time of day. It remembers when the hour comes next in a zone, because it is asked for
    every zone every few minutes, and nearly always for nothing. Safe to ask in any order.
    """

    at: time
    # By zone a stretch of time in which the hour does not come: later than, earlier than.
    _quiet: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    # The same for all zones of the last question together.
    _asked: Collection[str] = ()
    _calm: tuple[datetime, datetime] | None = None

    def zones_between(
        self, zones: Collection[str], since: datetime, until: datetime
    ) -> tuple[str, ...]:
        """Those of the zones in which the hour comes later than `since` and up to `until`."""
        calm = self._calm
        if calm and self._asked is zones and calm[0] <= since and until < calm[1]:
            return ()
        found = tuple(zone for zone in zones if self.between(zone, since, until))
        self._asked, soonest = zones, [self._quiet[zone][1] for zone in zones]
        self._calm = (until, min(soonest)) if soonest else None
        return found

    def between(
        self, zone: str, since: datetime, until: datetime
    ) -> tuple[tuple[date, datetime], ...]:
        """The local days on which the hour comes later than `since` and up to `until`, each with
        that instant."""
        quiet = self._quiet.get(zone)
        if quiet is not None and quiet[0] <= since and until < quiet[1]:
            return ()
        found = tuple(self._days(zone, since, until))
        self._quiet[zone] = (until, self.next(zone, until))
        return found

    def next(self, zone: str, after: datetime) -> datetime:
        """The next instant later than `after` at which it is this time of day in the zone."""
        day = local_date(after, zone)
        while (instant := local_instant(day, self.at, zone)) <= after:
            day += _DAY
        return instant

    def soonest(self, zones: Collection[str], after: datetime) -> datetime:
        """The next instant later than `after` at which the hour comes in one of the zones."""
        return min(self.next(zone, after) for zone in zones)

    def _days(self, zone: str, since: datetime, until: datetime) -> Iterator[tuple[date, datetime]]:
        day, last = local_date(since, zone), local_date(until, zone)
        while day <= last:
            instant = local_instant(day, self.at, zone)
            if since < instant <= until:
                yield day, instant
            day += _DAY
