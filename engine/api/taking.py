"""What the doors for events share: one line to the database, and a place for what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from engine.api.metrics import DoorMetrics
from engine.api.parts import Parts
from engine.errors import CadenzaError, LimitReached
from engine.services.actor import Actor
from engine.services.dead_letters import Letter, LetterBox
from engine.services.events import Accepted, Batch, Intake, Remark
from engine.services.events.pressure import Bounds, Pressure
from engine.services.merging import FieldPolicy, merge_two

# Requests that may wait for a transaction before 429 tells the rest to come back.
LONGEST_LINE: Final = 500


class Taking:
    """One per application."""

    def __init__(self, parts: Parts, metrics: DoorMetrics) -> None:
        web, data = parts.settings.web, parts.settings.data
        self.parts = parts
        self.metrics = metrics
        self.intake = Intake(parts.store, parts.settings.drivers.dispatch_partitions)
        self.letters = LetterBox(parts.store)
        self.pressure = Pressure(
            parts.store, Bounds(web.max_pending_events, web.min_free_disk_bytes, data.folder)
        )

    def check_room(self) -> None:
        """Raises LimitReached with the time after which it is worth coming back."""
        if self.intake.in_line >= LONGEST_LINE:
            raise LimitReached("Too many requests at once. Send it again.", timedelta(seconds=1))
        self.pressure.check()

    async def accept(
        self, label: str, batch: Batch, now: datetime, *, may_merge: bool = False
    ) -> Accepted:
        """Committed when this returns, and told to dispatch. Raises LimitReached, Unavailable."""
        self.check_room()
        accepted = await self.intake.accept(batch, now)
        if accepted.partitions:
            self.parts.pokes.dispatch(accepted.partitions)
        self.metrics.accepted.labels(label).inc(accepted.recorded)
        self.metrics.duplicates.labels(label).inc(accepted.duplicates)
        if accepted.to_merge:
            said = await self._merge(label, accepted, now, may_merge=may_merge)
            accepted = replace(accepted, noted=(*accepted.noted, *said))
        return accepted

    async def refuse(self, label: str, letters: Sequence[Letter], now: datetime) -> None:
        """Count and keep what could not be taken."""
        for code, count in Counter(one.code for one in letters).items():
            self.metrics.refused.labels(label, code).inc(count)
        await self.letters.keep(letters, now)

    async def _merge(
        self, label: str, accepted: Accepted, now: datetime, *, may_merge: bool
    ) -> list[Remark]:
        """Two contacts become one only for a key that may say so: one in a browser is public."""
        noted = []
        for index, keep, lose in accepted.to_merge:
            if not may_merge:
                message = (
                    "Both ids are contacts; this key may not make them one. A person may, or a key "
                    "made for merging."
                )
                noted.append(Remark(index, "not_merged", message))
                continue
            actor = Actor("system", None, f"Write key of {label}")
            parts = self.parts
            try:
                await merge_two(
                    parts.store, parts.shared, parts.pokes, actor, keep, lose, FieldPolicy(), now
                )
            except CadenzaError as error:
                noted.append(Remark(index, error.code, error.message))
        return noted
