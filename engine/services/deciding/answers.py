"""Every kind of question with whoever answers it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from engine.services.deciding import owners
from engine.services.deciding.asked import AskedRun, Begun
from engine.services.deciding.deals import DealDesk
from engine.services.deciding.entering import Entering
from engine.services.plans import Plans
from engine.steps.questions import AssignOwner, EnterFlow, MakeDeal, MoveDeal, Question, Verdict

log = logging.getLogger(__name__)

Asked: TypeAlias = AskedRun[Question]
Answer: TypeAlias = Callable[[Sequence[Any]], Awaitable[Mapping[int, Verdict]]]
# What a single run's values can do to a statement for a thousand; see `travelling.UNWRITABLE`.
UNWRITABLE = (DataError, IntegrityError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Deciding:
    """One per process. `advance_shards` and `partitions` are the settings of the drivers;
    `default_zone` is that of people who have none, `deals` makes and moves deals."""

    plans: Plans
    advance_shards: int
    partitions: int
    default_zone: str = "UTC"
    deals: DealDesk | None = None

    async def enter_flows(
        self, session: AsyncSession, asked: Sequence[Asked], now: datetime, begun: Begun
    ) -> dict[int, Verdict]:
        """Answers of those who ask to enter a flow; a run without one cannot be answered."""

        async def answer(some: Sequence[AskedRun[EnterFlow]]) -> dict[int, Verdict]:
            book = await self.plans.book(session)
            entering = Entering(session, book, now, self.advance_shards, self.partitions)
            await entering.let_in(some)
            begun.dues |= entering.begun.dues
            begun.partitions |= entering.begun.partitions
            return entering.verdicts

        return await _each(session, _asking(asked, EnterFlow), answer)

    async def decide(
        self, session: AsyncSession, asked: Sequence[Asked], now: datetime, begun: Begun
    ) -> dict[int, Verdict]:
        """Answers of all others, by run. Their contacts are held."""
        answers: dict[type[Any], Answer] = {
            AssignOwner: lambda some: owners.assign(
                session, some, now, self.plans, self.default_zone
            ),
        }
        if (desk := self.deals) is not None:
            answers[MakeDeal] = lambda some: desk.make(session, some, now, begun)
            answers[MoveDeal] = lambda some: desk.move(session, some, now, begun)
        verdicts: dict[int, Verdict] = {}
        for kind, answer in answers.items():
            verdicts |= await _each(session, _asking(asked, kind), answer)
        return verdicts


def _asking(asked: Sequence[Asked], kind: type[Any]) -> list[AskedRun[Any]]:
    return [one for one in asked if isinstance(one.question, kind)]


async def _each(
    session: AsyncSession, asked: Sequence[AskedRun[Any]], answer: Answer
) -> dict[int, Verdict]:
    """All at once. What the database refuses is halved, until the run is found whose question has
    no answer; it is missing in what is returned."""
    if not asked:
        return {}
    try:
        async with session.begin_nested():
            return {**await answer(asked)}
    except UNWRITABLE:
        if len(asked) == 1:
            log.exception("the question of run %s cannot be answered", asked[0].run_id)
            return {}
    middle = len(asked) // 2
    first = await _each(session, asked[:middle], answer)
    return first | await _each(session, asked[middle:], answer)
