"""A question with the run that asks it, and what answering sets going."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.changes.causes import Chain
from engine.steps.questions import Question, Verdict

Asking = TypeVar("Asking", covariant=True)


@dataclass(frozen=True, slots=True)
class AskedRun(Generic[Asking]):
    """A visit of a node asks once. `behind` is what led to the run's being told (see `Cause`)."""

    run_id: int
    contact_id: int
    flow: str
    node: str
    visit: int
    zone: str
    question: Asking
    behind: Chain | None = None


@dataclass(slots=True)
class Begun:
    """What is to be poked after the commit: flows with new runs by (flow, shard), and partitions
    with new events."""

    dues: dict[tuple[int, int], datetime] = field(default_factory=dict)
    partitions: set[int] = field(default_factory=set)


class Decider(Protocol):
    """Who answers, as the ledger sees it. A run that is missing in an answer has none."""

    async def enter_flows(
        self,
        session: AsyncSession,
        asked: Sequence[AskedRun[Question]],
        now: datetime,
        begun: Begun,
    ) -> Mapping[int, Verdict]:
        """Let those who ask into other flows; before contacts are held."""
        ...

    async def decide(
        self,
        session: AsyncSession,
        asked: Sequence[AskedRun[Question]],
        now: datetime,
        begun: Begun,
    ) -> Mapping[int, Verdict]:
        """Answer everything else; the contacts are held."""
        ...
