"""What hosts of open things ask: tend it, its time has come; act on an answer, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from crm_store.clocks import (
    ClockRow,
    clock_of,
    mark_hosted,
    put_clocks,
    remove_clocks,
    told_clock,
    told_clocks,
)
from crm_store.given_answers import (
    GivenRow,
    OutcomeRow,
    answer_of,
    answers_of,
    as_kept,
    put_answer,
    put_answers,
    write_outcome,
    write_outcomes,
)
from crm_store.session import Store
from engine.errors import Conflict
from engine.services.pokes import Pokes
from engine.services.tenders import ANSWERS, TENDERS, TOGETHER
from engine.services.tending import Answer, Answered, ClockKind, Together
from engine.services.work import Shared, Work, working

# Whoever answered was removed before anybody acted on it.
NOBODY: Final = "unknown_person"
# An id that nobody kept an answer under.
NO_ANSWER: Final = "unknown_answer"


class Acted(NamedTuple):
    """`clock` is None when the thing is not open any more."""

    answered: Answered
    clock: ClockRow | None


@dataclass(frozen=True, slots=True)
class Hosting:
    """One per process. `pokes` tells the hosts of other things that were changed on the way."""

    store: Store
    shared: Shared
    pokes: Pokes

    async def tend(self, kind: ClockKind, entity_id: int, now: datetime) -> ClockRow | None:
        """Its clock afterwards; None when it is over. Called too early it changes nothing."""
        async with working(self.store, self.shared, self.pokes, now) as work:
            clock = await clock_of(work.session, kind, entity_id)
            if clock is not None and clock.due_at is not None and clock.due_at <= now:
                tended = await TENDERS[kind](work, entity_id)
                if tended.ended:
                    await remove_clocks(work.session, kind, [entity_id])
                else:
                    await put_clocks(work.session, kind, {entity_id: tended.due})
            return await _told_here(work, kind, entity_id)

    async def act(self, answer_id: str, now: datetime) -> Acted:
        """What became of an answer that was kept, in the transaction that acts on it; the second
        time the first outcome again."""
        async with working(self.store, self.shared, self.pokes, now) as work:
            row = await answer_of(work.session, answer_id, lock=True)
            if row is None:
                return Acted(Answered(NO_ANSWER), None)
            answered = outcome_of(row)
            if answered is None:
                answered = await _acted(work, row)
                await write_outcome(
                    work.session,
                    answer_id,
                    answered.code,
                    answered.message,
                    answered.details,
                    now,
                )
            clock = await _told_here(work, ClockKind(row.kind), row.entity_id)
            return Acted(answered, clock)

    async def act_together(self, answer_ids: Sequence[str], now: datetime) -> list[Acted | None]:
        """The same for many, in one transaction. None for those that are to be acted on alone:
        somebody else holds them, another answer to the same thing is among them, or nobody acts on
        answers to such things together."""
        found: dict[str, Acted] = {}
        async with working(self.store, self.shared, self.pokes, now) as work:
            rows = await answers_of(work.session, answer_ids, lock_free=True)
            by_kind: dict[ClockKind, dict[int, GivenRow]] = defaultdict(dict)
            for row in rows:
                if row.code is None and row.by_id is not None:
                    by_kind[ClockKind(row.kind)].setdefault(row.entity_id, row)
            for kind, together in TOGETHER.items():
                found |= await _acted_together(work, kind, together, by_kind[kind])
        return [found.get(answer_id) for answer_id in answer_ids]


async def _acted_together(
    work: Work, kind: ClockKind, together: Together, rows: Mapping[int, GivenRow]
) -> dict[str, Acted]:
    if not rows:
        return {}
    answered = await together(work, {id_: _answer(row) for id_, row in rows.items()})
    outcomes = [
        OutcomeRow(rows[id_].answer_id, one.code, one.message, one.details)
        for id_, one in answered.items()
    ]
    await write_outcomes(work.session, outcomes, work.now)
    for id_ in answered:
        work.after.clocks.pop((kind, id_), None)
    clocks = await told_clocks(work.session, kind, answered, work.now)
    return {rows[id_].answer_id: Acted(one, clocks.get(id_)) for id_, one in answered.items()}


async def keep_answer(
    store: Store, kind: ClockKind, entity_id: int, answer: Answer, now: datetime
) -> Answered | None:
    """Write an answer down before anybody acts on it; what became of it when it was given before.

    Raises Conflict when its id belongs to another answer.
    """
    new = given_row(kind, entity_id, answer)
    async with store.transaction() as session:
        return known_outcome(new, await put_answer(session, new, now))


async def keep_answers(
    store: Store, rows: Sequence[GivenRow], now: datetime
) -> list[GivenRow | None]:
    """What is kept under the id of each: it, or what came first."""
    async with store.transaction() as session:
        kept = await put_answers(session, rows, now)
    return [kept.get(row.answer_id) for row in rows]


def given_row(kind: ClockKind, entity_id: int, answer: Answer) -> GivenRow:
    """An answer that nobody has acted on."""
    return GivenRow(
        answer.answer_id,
        kind,
        entity_id,
        answer.by_id,
        answer.verb,
        as_kept(answer.given),
        answer.door,
        *(None, None, None),
    )


def known_outcome(new: GivenRow, kept: GivenRow) -> Answered | None:
    """What became of an answer that was given before. Raises Conflict when what is kept under its
    id is another answer."""
    if (kept.kind, kept.entity_id, kept.by_id, kept.verb, kept.given) != (
        *(new.kind, new.entity_id, new.by_id),
        *(new.verb, new.given),
    ):
        raise Conflict(
            f"The answer id {new.answer_id} was used for another answer. Give this one an id "
            "of its own."
        )
    return outcome_of(kept)


async def outcomes(store: Store, answer_ids: Sequence[str]) -> list[Answered | None]:
    """None while nobody has acted on it."""
    async with store.transaction() as session:
        rows = {row.answer_id: row for row in await answers_of(session, answer_ids)}
    return [outcome_of(rows[id_]) if id_ in rows else None for id_ in answer_ids]


async def took(store: Store, clocks: Sequence[ClockRow], now: datetime) -> None:
    """Temporal has these, so that the sweep need not tell it again."""
    async with store.transaction() as session:
        await mark_hosted(session, clocks, now)


def outcome_of(row: GivenRow) -> Answered | None:
    if row.code is None:
        return None
    return Answered(row.code, row.message or "", row.details or {})


async def _acted(work: Work, row: GivenRow) -> Answered:
    if row.by_id is None:
        return Answered(NOBODY, "Whoever answered is not here any more.")
    return await ANSWERS[ClockKind(row.kind)](work, row.entity_id, _answer(row))


def _answer(row: GivenRow) -> Answer:
    assert row.by_id is not None
    return Answer(row.by_id, row.verb, row.given, row.door, row.answer_id)


async def _told_here(work: Work, kind: ClockKind, entity_id: int) -> ClockRow | None:
    """The clock that the host is told with the answer, and need not be told after the commit."""
    work.after.clocks.pop((kind, entity_id), None)
    return await told_clock(work.session, kind, entity_id, work.now)
