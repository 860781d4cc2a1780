"""What hosts of open things ask for, and the sweep that finds those who are not hosted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from temporalio import activity

from crm_store.clocks import ClockRow
from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services import hosts
from engine.services.bursts import Burst
from engine.services.hosts import Hosting
from engine.services.sweeping import forget, sweep
from engine.services.tending import ClockKind
from engine.workflows.shared import (
    ACT,
    SWEEP,
    TEND,
    Acted,
    AnswerInput,
    ClockNews,
    Progress,
    SweepInput,
    Tended,
    TendInput,
)

SECONDS_PER_SWEEP = 20.0


@dataclass(frozen=True, slots=True)
class HostActivities:
    parts: Parts
    hosting: Hosting = field(init=False)
    acting: Burst[str, Acted] = field(init=False)

    def __post_init__(self) -> None:
        parts = self.parts
        object.__setattr__(self, "hosting", Hosting(parts.store, parts.shared, parts.pokes))
        object.__setattr__(self, "acting", Burst(self._act, self._act_together))

    @activity.defn(name=TEND)
    async def tend(self, line: TendInput) -> Tended:
        """Safe to run twice: it is decided by what the rows say by then."""
        kind, now = ClockKind(line.kind), self.parts.now()
        return Tended(_news(await self.hosting.tend(kind, line.entity_id, now)))

    @activity.defn(name=ACT)
    async def act(self, line: AnswerInput) -> Acted:
        """Safe to run twice: an answer is acted on once."""
        return await self.acting(line.answer_id)

    async def _act(self, answer_id: str) -> Acted:
        return _said(await self.hosting.act(answer_id, self.parts.now()))

    async def _act_together(self, answer_ids: Sequence[str]) -> list[Acted | None]:
        found = await self.hosting.act_together(answer_ids, self.parts.now())
        return [_said(one) if one is not None else None for one in found]

    @activity.defn(name=SWEEP)
    async def sweep(self, line: SweepInput) -> Progress:
        """Tell hosts what they do not know, batch by batch; safe to run beside another attempt."""
        until, told = time.monotonic() + SECONDS_PER_SWEEP, 0
        async with beating():
            if line.forget_before is not None:
                await forget(self.parts.store, datetime.fromtimestamp(line.forget_before, UTC))
            while True:
                swept = await sweep(self.parts.store, self.parts.pokes, self.parts.now())
                told += swept.told
                if not swept.again:
                    return Progress(told)
                if time.monotonic() > until or activity.is_worker_shutdown():
                    return Progress(told, again=True)


def _said(acted: hosts.Acted) -> Acted:
    return Acted(acted.answered.code, _news(acted.clock))


def _news(clock: ClockRow | None) -> ClockNews | None:
    if clock is None:
        return None
    due = clock.due_at.timestamp() if clock.due_at is not None else None
    return ClockNews(due, clock.revision)
