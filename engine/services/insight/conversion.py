"""How many deals go on from stage to stage, and how many are won in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.stages import ConversionRow, PassageRow, conversions, passages
from engine.measuring import Interval, wilson
from engine.services.actor import Actor, allowed_some
from engine.services.insight.asking import Names, Question, asked_deals, read_names
from engine.services.insight.patience import bounded


@dataclass(frozen=True, slots=True)
class StageConversion:
    """Deals that came to the stage for the first time in the time asked for.

    `advanced` came further since, `dropped` were lost without that; the others still stand there or
    went back. `won` and `lost` are how they stand today.
    """

    pipeline: str
    stage: str
    label: str
    label_zh: str | None
    entered: int
    advanced: int
    dropped: int
    won: int
    lost: int

    @property
    def waiting(self) -> int:
        return self.entered - self.advanced - self.dropped

    @property
    def advance_rate(self) -> float | None:
        """Of those that did not stay."""
        gone = self.advanced + self.dropped
        return self.advanced / gone if gone else None

    @property
    def win_rate(self) -> float | None:
        """Of those that closed."""
        closed = self.won + self.lost
        return self.won / closed if closed else None

    @property
    def win_interval(self) -> Interval:
        return wilson(self.won, self.won + self.lost)


@dataclass(frozen=True, slots=True)
class Passage:
    """`moves` from one stage to another; `from_stage` None: that is where deals began."""

    pipeline: str
    from_stage: str | None
    to_stage: str
    moves: int


@dataclass(frozen=True, slots=True)
class Conversion:
    stages: tuple[StageConversion, ...]
    passages: tuple[Passage, ...]


async def conversion(
    session: AsyncSession, actor: Actor, question: Question, zone: str
) -> Conversion:
    """Every open stage of the pipelines asked for, in order. Raises NotAllowed, Refused and
    NotFound."""
    allowed_some(actor, "read", "deal")
    names = await read_names(session)
    chosen = asked_deals(actor, question, names, zone)
    async with bounded(session):
        found = {row.stage_id: row for row in await conversions(session, chosen)}
        moves = await passages(session, chosen)
    return Conversion(
        tuple(
            _stage(names, found.get(stage.id, ConversionRow(stage.id, 0, 0, 0, 0, 0)))
            for stage in names.stages.values()
            if stage.kind == "open" and chosen.pipeline_id in (None, stage.pipeline_id)
        ),
        _passages(names, moves),
    )


def _stage(names: Names, row: ConversionRow) -> StageConversion:
    stage = names.stages[row.stage_id]
    pipeline = names.pipelines[stage.pipeline_id].key
    return StageConversion(pipeline, stage.key, stage.label, stage.label_zh, *row[1:])


def _passages(names: Names, rows: Sequence[PassageRow]) -> tuple[Passage, ...]:
    stages = names.stages
    return tuple(
        Passage(
            names.pipelines[stages[row.stage_id].pipeline_id].key,
            None if row.from_stage_id is None else stages[row.from_stage_id].key,
            stages[row.stage_id].key,
            row.moves,
        )
        for row in rows
    )
