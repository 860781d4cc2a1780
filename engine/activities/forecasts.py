"""The work of the workflow that writes the forecast down."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from engine.activities.beating import beating
from engine.activities.parts import Parts
from engine.services.insight import write_down_forecast
from engine.workflows.shared import WRITE_DOWN_FORECAST, ForecastsInput, Progress


@dataclass(frozen=True, slots=True)
class ForecastActivities:
    parts: Parts

    @activity.defn(name=WRITE_DOWN_FORECAST)
    async def write_down(self, _line: ForecastsInput) -> Progress:
        """In one transaction, once for each day."""
        parts = self.parts
        async with beating():
            taken = await write_down_forecast(parts.store, parts.now(), parts.default_zone)
        return Progress(taken.lines, next_due=taken.next_at.timestamp())
