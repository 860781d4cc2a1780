"""Taking after all what was refused: read again as its door reads, with the mapping of today."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from crm_store import dead_letters as rows
from crm_store import hook_sources
from crm_store.models import DeadLetter, HookSource
from crm_store.session import Store
from engine.errors import CadenzaError, Conflict, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.events import Batch, Intake, Item, Reader, parse
from engine.services.events.calls import Malformed
from engine.services.events.cloudevents import call_of
from engine.services.hooks.receiving import SOURCE_PREFIX, read_all

# Letters that are read and written together.
PAGE: Final = 200
# Of many refusals, so many reasons are given back.
MOST_TOLD: Final = 20


@dataclass(slots=True)
class Replayed:
    """`taken` letters are events now, or were already; `refused` wait on, for these reasons. Poke
    `partitions`."""

    taken: int = 0
    refused: int = 0
    problems: tuple[Problem, ...] = ()
    partitions: frozenset[int] = field(default_factory=frozenset)

    def add(self, other: Replayed) -> None:
        self.taken += other.taken
        self.refused += other.refused
        self.problems = (*self.problems, *other.problems)[:MOST_TOLD]
        self.partitions |= other.partitions


@dataclass(slots=True)
class _Reading:
    letter: DeadLetter
    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = ()


class Replaying:
    """Doing it twice is doing it once: an event keeps the id of its message."""

    def __init__(self, store: Store, intake: Intake, max_item_bytes: int) -> None:
        self._store = store
        self._intake = intake
        self._max_item_bytes = max_item_bytes

    async def one(
        self, actor: Actor, letter_id: int, now: datetime, body: str | None = None
    ) -> Replayed:
        """`body` is the letter as somebody mended it. Raises NotAllowed, NotFound, Conflict when it
        does not wait any more, and Refused with what is still wrong."""
        allowed(actor, "edit", "hook")
        async with self._store.transaction() as session:
            letter = await rows.letter(session, letter_id)
            sources = await _sources(session, [letter] if letter else [])
        if letter is None:
            raise NotFound(f"There is no refused event {letter_id}.")
        if letter.state != rows.WAITING:
            raise Conflict("It does not wait any more: somebody took or dropped it.")
        if letter.cut and body is None:
            raise Conflict("It was too large to be kept whole. Paste all of it to take it.")
        reading = self._read(letter, sources, body)
        replayed = await self._write(actor, [reading], now, mended=body is not None)
        if replayed.refused:
            raise Refused("It was not taken.", replayed.problems)
        return replayed

    async def many(
        self, actor: Actor, now: datetime, *, source: str | None = None, code: str | None = None
    ) -> Replayed:
        """All that wait of a source and for a reason, the oldest first, page by page: what was
        taken stays taken when a later page fails."""
        done, after = Replayed(), 0
        while True:
            page, last = await self.page(actor, now, source=source, code=code, after=after)
            done.add(page)
            if last is None:
                return done
            after = last

    async def waiting(self, actor: Actor, source: str | None, code: str | None) -> int:
        """How many `many` would try. Raises NotAllowed."""
        allowed(actor, "edit", "hook")
        async with self._store.transaction() as session:
            return await rows.count_waiting(session, source, code)

    async def page(
        self, actor: Actor, now: datetime, *, source: str | None, code: str | None, after: int
    ) -> tuple[Replayed, int | None]:
        """The next of those, and the last number of them: the `after` of the next page. None when
        there are no more."""
        allowed(actor, "edit", "hook")
        async with self._store.transaction() as session:
            letters = await rows.waiting_after(session, source, code, after, PAGE)
            sources = await _sources(session, letters)
        if not letters:
            return Replayed(), None
        readings = [self._read(one, sources, None) for one in letters]
        return await self._write(actor, readings, now, mended=False), letters[-1].id

    async def _write(
        self, actor: Actor, readings: Sequence[_Reading], now: datetime, *, mended: bool
    ) -> Replayed:
        good = [one for one in readings if one.items and not one.problems]
        # each a batch of its own: what the database refuses of one keeps no other
        answers = await asyncio.gather(
            *(self._intake.accept(Batch(one.items), now) for one in good), return_exceptions=True
        )
        done = Replayed()
        taken: list[int] = []
        for reading, answer in zip(good, answers, strict=True):
            if isinstance(answer, CadenzaError):
                reading.problems = (Problem("", answer.code, answer.message),)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                taken.append(reading.letter.id)
                done.partitions |= answer.partitions
        bad = [one for one in readings if one.problems or not one.items]
        async with self._store.transaction() as session:
            done.taken = await rows.settle(session, taken, "replayed", actor.name, now)
            for one in bad:
                problems = one.problems or (
                    Problem("", "nothing_in_it", "There is no event here."),
                )
                said = [
                    {"place": p.place, "code": p.code, "message": p.message} for p in problems[:20]
                ]
                first = problems[0]
                if not mended:
                    await rows.tell_why(session, one.letter.id, first.code, str(first), said)
                done.problems = (*done.problems, *problems)
            if taken:
                after = {"count": len(taken), "mended": mended}
                subject = taken[0] if len(taken) == 1 else "many"
                await record(session, actor, "replay", "dead_letter", subject, after=after)
        done.refused = len(bad)
        return done

    def _read(
        self, letter: DeadLetter, sources: Mapping[str, HookSource], body: str | None
    ) -> _Reading:
        raw = letter.body if body is None else body.encode("utf-8", "replace")
        try:
            return _Reading(letter, self._items(letter, sources, parse(raw)))
        except Malformed as problem:
            return _Reading(letter, problems=(Problem("", problem.code, problem.message),))
        except Refused as refusal:
            problems = refusal.problems or (Problem("", refusal.code, refusal.message),)
            return _Reading(letter, problems=problems)

    def _items(
        self, letter: DeadLetter, sources: Mapping[str, HookSource], document: Any
    ) -> tuple[Item, ...]:
        """Raises Malformed and Refused."""
        own_id = letter.message_id or f"letter-{letter.id}"
        if letter.source.startswith(SOURCE_PREFIX):
            source = sources.get(letter.source)
            if source is None:
                problem = Problem("", "no_source", "Its source was removed.")
                raise Refused("It was not taken.", [problem])
            each = letter.door == "document"
            read = read_all(source, own_id, document, letter.received_at, one=each)
            if read.problems:
                raise Refused("It was not taken.", read.problems)
            return read.items
        if letter.door == "event":
            document = call_of(document)
        return self._calls(letter, own_id, document)

    def _calls(self, letter: DeadLetter, own_id: str, document: Any) -> tuple[Item, ...]:
        reader = Reader(letter.source, letter.received_at, self._max_item_bytes)
        batch = document if isinstance(document, dict) and "batch" in document else None
        if batch is None:
            sent_at = document.get("sentAt") if isinstance(document, dict) else None
            batch = {"batch": [document], "sentAt": sent_at}
        calls = batch["batch"]
        if isinstance(calls, list):
            for index, call in enumerate(calls):
                if isinstance(call, dict) and not call.get("messageId"):
                    call["messageId"] = own_id if len(calls) == 1 else f"{own_id}:{index}"
        items, refused = reader.batch(batch)
        if refused:
            problems = [Problem("", one.code, one.message) for one in refused]
            raise Refused("It was not taken.", problems)
        return tuple(items)


async def _sources(session: Any, letters: Sequence[DeadLetter]) -> dict[str, HookSource]:
    if not any(one.source.startswith(SOURCE_PREFIX) for one in letters):
        return {}
    return {f"{SOURCE_PREFIX}{one.name}": one for one in await hook_sources.hook_sources(session)}
