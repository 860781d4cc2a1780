"""Drivers on a real Temporal whose clock a test moves: months pass in seconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic

from crm_store.session import Store
from tests.driving.world import World
from tests.workflows.working import Working, working

PATIENCE_SECONDS = 30.0
# A Monday in a year with the days of 2026. What is due lies ahead of every real clock, so that no
# driver wakes by itself, again and again, for what the test has not come to yet.
FAR_AHEAD = datetime(2037, 3, 2, 9, tzinfo=UTC)
# What is left to do at this moment, and whose work it is.
LEFT = """
    SELECT 'advance', f.name, r.shard FROM run r JOIN flow f ON f.id = r.flow_id
     WHERE r.state = 'active' AND r.due_at <= :now
     UNION
    SELECT 'perform', '', shard FROM effect
     WHERE state IN ('pending', 'handing_over') AND not_before <= :now
     UNION
    SELECT 'dispatch', '', partition FROM event_pending
     UNION
    SELECT 'audience', '', id FROM enrolment WHERE state = 'running'
"""
NEXT = """
    SELECT least((SELECT min(due_at) FROM run WHERE state = 'active'),
                 (SELECT min(due_at) FROM clock),
                 (SELECT min(not_before) FROM effect WHERE state IN ('pending', 'handing_over')))
"""
# The times of day, in UTC, at which the dates and schedules of the tests come.
LOOKS = (time(6), time(6, 30), time(9), time(10))


@dataclass
class MovedClock:
    """The world with drivers that run by themselves, at a time of the test's choosing."""

    at_work: Working

    @property
    def world(self) -> World:
        return self.at_work.world

    async def settle(self) -> None:
        """Poke the drivers that have something to do at this moment, until none has."""
        until = monotonic() + PATIENCE_SECONDS
        rounds = 0
        while left := await self._left():
            if rounds % 10 == 0:
                self._poke(left)
            rounds += 1
            await asyncio.sleep(0.03)
            assert monotonic() < until, f"{self.world.now}: {left}"

    async def _left(self) -> list[tuple[str, str, int]]:
        rows = await self.world.rows(LEFT, now=self.world.now)
        return [(row[0], row[1], row[2]) for row in rows]

    def _poke(self, left: Sequence[tuple[str, str, int]]) -> None:
        pokes = self.at_work.pokes
        for kind, flow, number in left:
            match kind:
                case "advance":
                    pokes.advance(flow, number, None)
                case "perform":
                    pokes.perform(number)
                case "dispatch":
                    pokes.dispatch([number])
                case "audience":
                    pokes.audience(number)

    async def go_to(self, moment: datetime) -> None:
        """Stop at everything that falls due on the way."""
        while True:
            await self.settle()
            # hosts sleep by Temporal's own clock, which nobody moves
            while await self.world.tend_due():
                await self.settle()
            [(due,)] = await self.world.rows(NEXT)
            if due is None or due >= moment:
                break
            self.world.now = max(due, self.world.now)
        self.world.now = moment
        await self.settle()

    async def look_around(self, until: datetime) -> None:
        """Go on, and let the care for dates look whenever one may come."""
        day = self.world.now.date()
        while day <= until.date():
            for at in LOOKS:
                moment = datetime.combine(day, at, UTC)
                if self.world.now <= moment < until:
                    await self.go_to(moment)
                    await self._look()
            day += timedelta(days=1)

    async def _look(self) -> None:
        """Poke the care for dates, and wait until it has looked for every flow up to now."""
        patience = monotonic() + PATIENCE_SECONDS
        rounds = 0
        while not await self._has_looked():
            if rounds % 20 == 0:
                self.at_work.pokes.due_dates()
            rounds += 1
            await asyncio.sleep(0.03)
            assert monotonic() < patience, f"{self.world.now}: nobody looks at dates"
        await self.settle()

    async def _has_looked(self) -> bool:
        rows = await self.world.rows(
            "SELECT count(*) FILTER (WHERE looked_until < :now), count(*) FROM date_watch",
            now=self.world.now,
        )
        return bool(rows[0][0] == 0 and rows[0][1] > 0)

    async def after(self, **span: float) -> None:
        await self.go_to(self.world.now + timedelta(**span))


@asynccontextmanager
async def with_moved_clock(store: Store, address: str) -> AsyncIterator[MovedClock]:
    async with working(store, address, standing_still=True) as at_work:
        at_work.world.now = FAR_AHEAD
        # a driver that ended would have to be started anew for every step of the story
        at_work.pokes.idle_seconds = 120
        yield MovedClock(at_work)
