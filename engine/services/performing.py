"""Doing effects: claim, ask the world, record, and let the run go on.

The claim is committed before the world is asked. Whoever finds a claim whose lease has run out
knows that the deed may have been done, and asks the other side before anything is done again. While
the world is being asked the claim is renewed, and whoever lost it all the same changes nothing but
what is known of the deed: the effect is somebody else's by then.

What is done is said by `engine.services.effects`, a file for each kind.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import effects as rows
from crm_store.effects import EffectRow
from crm_store.pauses import share_pauses
from crm_store.runs import lock_runs
from crm_store.session import Store
from engine.effects import Outcome, Receipt
from engine.services.answering import Told, tell
from engine.services.asides import stored
from engine.services.effects import Deed, Verdicts
from engine.services.plans import Plans
from engine.services.receipts import state_of
from engine.services.travelling import UNWRITABLE, Ledger, Written
from engine.telemetry.tracing import span

log = logging.getLogger(__name__)

# The database is away for a moment, or chose us to end a deadlock. The answers are only in memory,
# so they are written again rather than lost.
PASSING = (OperationalError, InterfaceError, NoConnectionFree)
LONGEST_PAUSE_SECONDS = 5.0
# A worker of the release before, beside one that knows more kinds of effects, leaves those to it.
UNKNOWN_AGAIN = timedelta(minutes=1)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Performed:
    """What one group was: `handed_over` of those `taken` were given to the world."""

    taken: int
    handed_over: int
    written: tuple[Written, ...]


@dataclass(slots=True)
class _Claim:
    """Several effects in one hand. `name` is unlike any other claim's."""

    name: str
    effect_ids: list[int] = field(default_factory=list)


class _Ready(NamedTuple):
    """Asks of one kind, each with what its deed prepared."""

    deed: Deed
    effects: Sequence[EffectRow]
    prepared: Sequence[Any]


@dataclass(slots=True)
class Performer:
    """Does the effects of one shard. `worker` names the process in claims."""

    store: Store
    plans: Plans
    deeds: Mapping[str, Deed]
    new_ledger: Callable[[datetime], Ledger]
    now: Callable[[], datetime]
    worker: str
    lease: timedelta

    async def perform_group(self, shard: int, limit: int) -> Performed:
        """One group: claim and prepare, commit, do, record and move on, commit.

        At most a group is ever between doing and recording, so a crash leaves at most that many
        outcomes unclear. A cancelled caller waits until the group is recorded.
        """
        claim = self._new_claim()
        ready, (taken, first) = await self._claim(shard, limit, claim)
        if not ready:
            return Performed(taken, 0, (first,))
        with span("perform effects", shard=shard, effects=len(claim.effect_ids)):
            written = await _to_the_end(self._do(ready, claim))
        return Performed(taken, len(claim.effect_ids), (first, *written))

    async def settle_left_behind(self, shard: int, limit: int) -> Performed:
        """Find claims whose lease ran out and settle each: done, do again, or *maybe done*.

        The other side is asked outside any transaction; the claim is taken over first, so that no
        other worker asks about the same effects meanwhile.
        """
        claim, now = self._new_claim(), self.now()
        async with self.store.transaction() as session:
            left = await rows.take_open(session, shard, "handing_over", now, limit)
            claim.effect_ids = [effect.id for effect in left]
            await rows.take_over(session, claim.effect_ids, claim.name, now + self.lease)
            cases = [
                (deed, effects, await deed.open_cases(session, effects))
                for deed, effects in self._by_deed(left)
            ]
        if not left:
            return Performed(0, 0, ())
        known = await asyncio.gather(*(deed.ask(open_) for deed, _, open_ in cases))
        asked = [(*case, answers) for case, answers in zip(cases, known, strict=True)]
        return Performed(len(left), 0, (await self._settle(asked, claim),))

    def _new_claim(self) -> _Claim:
        return _Claim(f"{self.worker}#{secrets.token_hex(6)}")

    def _by_deed(self, effects: Sequence[EffectRow]) -> list[tuple[Deed, list[EffectRow]]]:
        by_kind: dict[str, list[EffectRow]] = defaultdict(list)
        for effect in effects:
            by_kind[effect.kind].append(effect)
        return [(self.deeds[kind], of) for kind, of in by_kind.items() if kind in self.deeds]

    async def _claim(
        self, shard: int, limit: int, claim: _Claim
    ) -> tuple[list[_Ready], tuple[int, Written]]:
        now = self.now()
        async with self.store.transaction() as session:
            await share_pauses(session)
            taken = await rows.take_open(session, shard, "pending", now, limit)
            if not taken:
                return [], (0, Written())
            await rows.cancel(session, [effect.id for effect in taken if not effect.wanted], now)
            foreign = [effect.id for effect in taken if effect.kind not in self.deeds]
            await rows.put_back(session, [(id_, now + UNKNOWN_AGAIN) for id_ in foreign])
            names = (await self.plans.book(session)).names
            ready: list[_Ready] = []
            unsettled: list[int] = []
            later: list[tuple[int, datetime]] = []
            answered: list[tuple[EffectRow, Receipt]] = []
            for deed, effects in self._by_deed([effect for effect in taken if effect.wanted]):
                begun = await deed.prepare(session, effects, names, now)
                if begun.ready:
                    mine, prepared = zip(*begun.ready, strict=True)
                    ready.append(_Ready(deed, mine, prepared))
                unsettled += begun.unsettled
                later += begun.later
                answered += begun.answered
            claim.effect_ids = [effect.id for group in ready for effect in group.effects]
            await rows.claim(session, claim.effect_ids, claim.name, now + self.lease)
            # Found pending although it may have been done: make it look like what it is.
            await rows.claim(session, unsettled, claim.name, now)
            await rows.put_back(session, later)
            written = await self._answer(session, answered)
            reopened = len(unsettled) + len(foreign) + len(later)
        return ready, (len(taken), replace(written, reopened=reopened))

    async def _do(self, ready: Sequence[_Ready], claim: _Claim) -> Sequence[Written]:
        renewal = _Renewal(self, claim, time.monotonic())
        results = await asyncio.gather(
            *(
                group.deed.do(group.prepared, still_ours=renewal.renewed, every=self.lease / 4)
                for group in ready
            )
        )
        done = [
            (group.deed, list(zip(group.effects, found, strict=True)))
            for group, found in zip(ready, results, strict=True)
        ]
        try:
            return [await self._persistently(lambda: self._record(done, claim))]
        except UNWRITABLE:
            log.exception("answers cannot be written together and are written one by one")
        return [
            await self._persistently(partial(self._record_one, deed, effect, result, claim))
            for deed, found in done
            for effect, result in found
        ]

    async def _persistently(self, write: Callable[[], Awaitable[Written]]) -> Written:
        """Write answers down, trying again for about as long as the claim lasts."""
        until = time.monotonic() + self.lease.total_seconds()
        pause = 0.05
        while True:
            try:
                return await write()
            except PASSING as error:
                if time.monotonic() > until:
                    raise
                log.warning("answers will be written again: %s", type(error.__cause__).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _record(
        self, done: Sequence[tuple[Deed, Sequence[tuple[EffectRow, Any]]]], claim: _Claim
    ) -> Written:
        now, verdicts = self.now(), Verdicts()
        async with self.store.transaction() as session:
            await share_pauses(session)
            ours = await rows.lock_claimed(session, claim.effect_ids, claim.name)
            for deed, results in done:
                mine = [(effect, result) for effect, result in results if effect.id in ours]
                late = [(effect, result) for effect, result in results if effect.id not in ours]
                verdicts.add(await deed.record(session, mine, late, now))
            return await self._write(session, verdicts)

    async def _record_one(
        self, deed: Deed, effect: EffectRow, result: Any, claim: _Claim
    ) -> Written:
        """Answers come from outside: one that no row can hold must not keep those beside it from
        being written, or all of them would be done again. It is told as *maybe done*."""
        alone = replace(claim, effect_ids=[effect.id])
        try:
            return await self._record([(deed, [(effect, result)])], alone)
        except UNWRITABLE:
            log.exception("the answer to effect %s cannot be written", effect.id)
        plain = Receipt(Outcome.MAYBE_DONE, "unwritable_answer")
        async with self.store.transaction() as session:
            ours = await rows.lock_claimed(session, alone.effect_ids, claim.name)
            return await self._answer(session, [(effect, plain)] if effect.id in ours else [])

    async def _settle(
        self,
        asked: Sequence[tuple[Deed, Sequence[EffectRow], Sequence[Any], Sequence[Any]]],
        claim: _Claim,
    ) -> Written:
        now, verdicts = self.now(), Verdicts()
        async with self.store.transaction() as session:
            await share_pauses(session)
            ours = await rows.lock_claimed(session, claim.effect_ids, claim.name)
            for deed, effects, cases, known in asked:
                mine = [effect for effect in effects if effect.id in ours]
                verdicts.add(await deed.settle(session, mine, cases, known, now))
            return await self._write(session, verdicts)

    async def _write(self, session: AsyncSession, verdicts: Verdicts) -> Written:
        await rows.put_back(session, verdicts.again)
        await rows.extend_leases(session, verdicts.unclear)
        written = await self._answer(session, verdicts.receipts)
        return replace(
            written,
            reopened=len(verdicts.again) + len(verdicts.unclear),
            partitions=written.partitions | verdicts.partitions,
        )

    async def _answer(
        self, session: AsyncSession, receipts: Sequence[tuple[EffectRow, Receipt]]
    ) -> Written:
        """Record receipts and let the runs go on from them, in one transaction.

        The answer for a run that may not move now is set aside for it.
        """
        if not receipts:
            return Written()
        ledger = self.new_ledger(self.now())
        await rows.answer(
            session,
            [(e.id, state_of(receipt), stored(receipt)) for e, receipt in receipts],
            ledger.now,
        )
        standing = await lock_runs(session, [effect.run_id for effect, _ in receipts])
        answers = [Told(e.run_id, e.node, e.visit, receipt) for e, receipt in receipts]
        await tell(session, self.plans, ledger, standing, answers)
        return await ledger.write(session)


@dataclass(slots=True)
class _Renewal:
    """Renews a claim. `renewed_at` is by the monotonic clock of this process."""

    performer: Performer
    claim: _Claim
    renewed_at: float

    async def renewed(self) -> bool:
        """Whether the effects are still ours, and will be until the next time we are asked."""
        performer, ids = self.performer, self.claim.effect_ids
        began = time.monotonic()
        try:
            async with performer.store.transaction() as session:
                until = performer.now() + performer.lease
                kept = await rows.renew(session, ids, self.claim.name, until)
        except PASSING:
            return began - self.renewed_at < performer.lease.total_seconds() * 0.6
        self.renewed_at = began
        return kept == len(ids)


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Cancelling the caller does not cancel the work: what was handed over is also recorded."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
