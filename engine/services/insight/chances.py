"""How likely a deal on a stage is won: as the pipeline says, and as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import StageRow
from crm_store.insight.forecast import chances
from engine.measuring import Interval, wilson
from engine.services.insight.asking import Names

# What came of deals longer ago says little about those of today.
LOOKS_BACK: Final = timedelta(days=365)
# With fewer decided deals the stated chance is used.
FEWEST_DECIDED: Final = 20


@dataclass(frozen=True, slots=True)
class StageChance:
    """`stated_percent` is the pipeline's; of `decided` deals that stood on the stage and closed
    within a year, `won` were won. `interval` is where that share truly lies (95%)."""

    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    stated_percent: int
    decided: int
    won: int
    interval: Interval

    @property
    def measured(self) -> float | None:
        return self.won / self.decided if self.decided else None

    @property
    def is_used(self) -> bool:
        return self.decided >= FEWEST_DECIDED

    def fraction(self) -> tuple[int, int]:
        """The measured chance where there are enough cases, else the stated one."""
        return (self.won, self.decided) if self.is_used else (self.stated_percent, 100)


async def stage_chances(
    session: AsyncSession, names: Names, pipeline_id: int | None, now: datetime
) -> Mapping[int, StageChance]:
    """Of every stage on which deals are open."""
    found = {
        row.stage_id: row for row in await chances(session, pipeline_id, now - LOOKS_BACK, now)
    }
    return {
        stage.id: _chance(
            stage,
            names.pipelines[stage.pipeline_id].key,
            *(found[stage.id][1:] if stage.id in found else (0, 0)),
        )
        for stage in names.stages.values()
        if stage.kind == "open" and pipeline_id in (None, stage.pipeline_id)
    }


def _chance(stage: StageRow, pipeline: str, decided: int, won: int) -> StageChance:
    return StageChance(
        pipeline,
        stage.key,
        stage.label,
        stage.label_zh,
        stage.probability_percent,
        decided,
        won,
        wilson(won, decided),
    )
