"""The driver's work: claim what is due, call, write down what became of it, and go on.

Calls of all receivers are under way together, each receiver with few of its own, and whoever
answers makes room for its next: a slow one holds up nobody else. The claim is committed before the
call and has a lease; what a crash leaves behind goes again with the same message id, by which the
receiver knows it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import webhook_deliveries as rows
from crm_store import webhook_subscriptions as subscriptions
from crm_store.session import Store
from crm_store.webhook_deliveries import ClaimedRow, Conclusion
from crm_store.webhook_subscriptions import Callee
from engine.outgoing import Outgoing, OutgoingError
from engine.services.deliveries.answers import Result, result_of, unanswered
from engine.services.deliveries.checking import RuleDesk
from engine.services.deliveries.ending import Ended, end_subscriptions
from engine.services.deliveries.message import TIMEOUT, call_of
from engine.services.deliveries.pacing import (
    DISABLED_AFTER,
    pause_before_next,
    quota_of,
    rest_after,
)
from engine.services.pokes import Pokes
from engine.services.secrets import SecretBox, Unreadable
from engine.services.subscriptions.secrets import purpose_of
from engine.services.work import Shared

log = logging.getLogger(__name__)

MOST_UNDER_WAY: Final = 100
CHECKED_AT_ONCE: Final = 500
# Answers that come close together are written together.
TOGETHER_SECONDS: Final = 0.01
CHECKED_EVERY_SECONDS: Final = 0.2
# Longer than a call may take, so that nobody takes it over while it is made.
LEASE: Final = timedelta(seconds=60)
LOOK_AGAIN_SECONDS: Final = 0.25
# What only its receiver's rate keeps back is waited for here.
PACE_SECONDS: Final = 0.05
FORGOTTEN_AT_ONCE: Final = 1_000
# Whoever takes longer is slow. When the time is up and slow ones have not answered yet, the others
# are served on, for as long as a call may take and a little more.
SLOW_SECONDS: Final = 1.0
SERVED_ON_SECONDS: Final = TIMEOUT.total_seconds() + 3
Task = asyncio.Task[Result]


@dataclass(slots=True)
class Delivering:
    """One per process. `worker` names it in claims."""

    store: Store
    shared: Shared
    pokes: Pokes
    outgoing: Outgoing
    box: SecretBox
    now: Callable[[], datetime]
    worker: str
    default_zone: str
    kept: timedelta = timedelta(days=30)
    spread: Callable[[], float] = random.random
    _rules: RuleDesk = field(init=False)
    _under_way: dict[Task, ClaimedRow] = field(default_factory=dict)
    _begun: dict[Task, float] = field(default_factory=dict)
    _slow: set[int] = field(default_factory=set)
    _claim: str = ""
    _paced: bool = False

    def __post_init__(self) -> None:
        self._rules = RuleDesk(self.default_zone)

    async def deliver(self, seconds: float, stopping: Callable[[], bool] = lambda: False) -> int:
        """Hand over what is due until nothing is or the time is up; how many calls were made.

        Whatever was begun is written down before it returns, also when it is cancelled.
        """
        self._claim = f"{self.worker}#{secrets.token_hex(6)}"
        until, made, checked_at = time.monotonic() + seconds, 0, -CHECKED_EVERY_SECONDS
        more = False
        async with self.store.transaction() as session:
            await rows.take_back_left_behind(session, self.now())
        try:
            while True:
                now, stopped = time.monotonic(), stopping()
                going_on = now < until and not stopped
                others = not (going_on or stopped) and self._waits_for_slow(until, now)
                if (going_on or others) and (more or now - checked_at >= CHECKED_EVERY_SECONDS):
                    # a page at a time: calls go on while there is much to check
                    more, checked_at = await self.check_rules(), time.monotonic()
                made += await self._turn(going_on or others, but=self._slow_ones(now, others))
                if self._under_way:
                    await self._wait_for_some()
                elif going_on and more:
                    continue
                elif going_on and self._paced:
                    await asyncio.sleep(PACE_SECONDS)
                else:
                    return made
        finally:
            await self._finish_all()

    async def check_rules(self) -> bool:
        """Whether there may be more to check."""
        async with self.store.transaction() as session:
            checked = await self._rules.check(session, CHECKED_AT_ONCE, self.now())
        if checked.broken:
            await self._end(dict.fromkeys(checked.broken, "broken_rule"))
        return checked.taken == CHECKED_AT_ONCE

    async def forget_old(self) -> int:
        """Remove a page of what ended longer ago than deliveries are kept."""
        async with self.store.transaction() as session:
            return await rows.forget_ended(session, self.now() - self.kept, FORGOTTEN_AT_ONCE)

    async def next_due(self) -> datetime | None:
        async with self.store.transaction() as session:
            return await rows.next_due(session)

    def _waits_for_slow(self, until: float, now: float) -> bool:
        """Whether calls from before the time was up have not been answered, and may yet be."""
        return now < until + SERVED_ON_SECONDS and any(at < until for at in self._begun.values())

    def _slow_ones(self, now: float, others: bool) -> frozenset[int]:
        """Who is to be called by nobody while only the others are served."""
        if not others:
            return frozenset()
        waited_for = {
            self._under_way[task].subscription_id
            for task, at in self._begun.items()
            if now - at > SLOW_SECONDS
        }
        return frozenset(self._slow | waited_for)

    async def _turn(self, going_on: bool, but: frozenset[int] = frozenset()) -> int:
        """Write down what has been answered and claim what there is room for, in one transaction;
        how many calls were begun. Where the database cannot take answers, the leases run out and
        those calls are made again."""
        done = [task for task in self._under_way if task.done()]
        found = [(self._under_way.pop(task), _result(task, self.now())) for task in done]
        for task, (row, _) in zip(done, found, strict=True):
            slow = time.monotonic() - self._begun.pop(task) > SLOW_SECONDS
            (self._slow.add if slow else self._slow.discard)(row.subscription_id)
        room = MOST_UNDER_WAY - len(self._under_way) if going_on else 0
        if not found and not room:
            return 0
        async with self.store.transaction() as session:
            ended = await self._record(session, found) if found else {}
            claimed = await self._claimed(session, room, but) if room else []
            callees = await subscriptions.callees(session, {one.subscription_id for one in claimed})
        for one in claimed:
            task = asyncio.create_task(self._call(one, callees[one.subscription_id]))
            self._under_way[task] = one
            self._begun[task] = time.monotonic()
        await self._end(ended)
        return len(claimed)

    async def _claimed(
        self, session: AsyncSession, room: int, but: frozenset[int]
    ) -> list[ClaimedRow]:
        now = self.now()
        # a test is the first call of a receiver that nobody knows to be quick
        tests = [] if but else await rows.claim_tests(session, self._claim, now, now + LEASE)
        return [*tests, *await self._claim_due(session, max(room - len(tests), 0), now, but)]

    async def _claim_due(
        self, session: AsyncSession, room: int, now: datetime, but: frozenset[int]
    ) -> list[ClaimedRow]:
        quotas: dict[int, int] = {}
        tokens: dict[int, float] = {}
        self._paced = False
        for row in await subscriptions.hold_open(session, now):
            if row.id in but:
                continue
            quota = quota_of(row, now)
            tokens[row.id] = quota.tokens
            self._paced |= quota.paced
            if quota.most:
                quotas[row.id] = quota.most
        claimed = await rows.claim_due(
            session, _shared_out(quotas, room), self._claim, now, now + LEASE
        )
        for one in claimed:
            tokens[one.subscription_id] -= 1
        await subscriptions.write_tokens(session, tokens, now)
        return claimed

    async def _call(self, row: ClaimedRow, callee: Callee) -> Result:
        at, began = self.now(), time.monotonic()

        def passed() -> int:
            return round((time.monotonic() - began) * 1000)

        try:
            keys = self._secrets(callee, at)
            answer = await self.outgoing.send(call_of(row, callee.url, keys, at))
        except OutgoingError as error:
            return unanswered(error, at, passed())
        except Unreadable as error:
            return Result(at, passed(), error.code, answer=error.message)
        return result_of(answer, at, passed())

    def _secrets(self, callee: Callee, now: datetime) -> list[str]:
        """The newest first. Raises Unreadable."""
        sealed = [callee.secret]
        if callee.previous_secret and callee.previous_until and now < callee.previous_until:
            sealed.append(callee.previous_secret)
        return [self.box.open(one, purpose_of(callee.id)) for one in sealed]

    async def _wait_for_some(self) -> None:
        done, _ = await asyncio.wait(
            self._under_way, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if done and len(self._under_way) > len(done):
            await asyncio.sleep(TOGETHER_SECONDS)

    async def _finish_all(self) -> None:
        """After a cancellation or a fault: calls that were begun are heard out."""
        while self._under_way:
            await asyncio.wait(self._under_way)
            await self._turn(going_on=False)

    async def _record(
        self, session: AsyncSession, found: list[tuple[ClaimedRow, Result]]
    ) -> dict[int, str]:
        """Which subscriptions are to be disabled, and why."""
        now = self.now()
        by_subscription: dict[int, list[tuple[ClaimedRow, Result]]] = {}
        for row, result in found:
            by_subscription.setdefault(row.subscription_id, []).append((row, result))
        known = await subscriptions.lock_health(session, by_subscription)
        health, ended = [], {}
        for id_, results in by_subscription.items():
            if id_ not in known:
                continue
            failures, since = known[id_]
            one = _health(id_, failures, [result for _, result in results], now)
            health.append(one)
            if any(result.gone for _, result in results):
                ended[id_] = "gone"
            elif one.failures and since is not None and now - since >= DISABLED_AFTER:
                ended[id_] = "failing"
        await subscriptions.write_health(session, health, now)
        await rows.conclude(
            session, [self._conclusion(*one, now) for one in found], self._claim, now
        )
        tested = [row.subscription_id for row, one in found if row.event_id is None and one.ok]
        await enable_tested(session, tested, now)
        return ended

    def _conclusion(self, row: ClaimedRow, result: Result, now: datetime) -> Conclusion:
        state, due = "delivered", None
        if not result.ok:
            pause = pause_before_next(row.attempts, self.spread())
            # a test is answered now or never
            over = pause is None or result.gone or row.event_id is None
            state = "failed" if over else "waiting"
            if not over and pause is not None:
                due = now + max(pause, result.pause or timedelta())
        return Conclusion(
            *(row.id, state, due, result.at, result.milliseconds, result.status, result.code),
            result.answer,
        )

    async def _end(self, ended: Mapping[int, str]) -> None:
        if ended:
            why = [Ended(id_, reason) for id_, reason in sorted(ended.items())]
            await end_subscriptions(self.store, self.shared, self.pokes, why, self.now())


async def enable_tested(session: AsyncSession, tested: list[int], now: datetime) -> None:
    """A subscription that is new comes into force with its first test that succeeds."""
    for id_ in sorted(set(tested)):
        known = await subscriptions.subscription(session, id_, lock=True)
        if known is not None and not known.enabled and known.reason == "new":
            values = {"enabled": True, "reason": None, "changed_at": now}
            await subscriptions.change_subscription(session, id_, values)


def _health(id_: int, failures: int, results: list[Result], now: datetime) -> subscriptions.Health:
    """One success among them says that the receiver is there."""
    if any(result.ok for result in results):
        return subscriptions.Health(id_, None, None)
    failed = failures + len(results)
    asked = max((result.pause for result in results if result.pause), default=timedelta())
    rest = max(rest_after(failed) or timedelta(), asked)
    return subscriptions.Health(id_, failed, now + rest if rest else None)


def _shared_out(quotas: Mapping[int, int], room: int) -> dict[int, int]:
    """Where there is not room for all, everybody gets some."""
    given = dict.fromkeys(quotas, 0)
    left = dict(quotas)
    while room > 0 and left:
        for id_ in list(left):
            if room == 0:
                break
            given[id_] += 1
            room -= 1
            if given[id_] == left[id_]:
                del left[id_]
    return {id_: most for id_, most in given.items() if most}


def _result(task: Task, now: datetime) -> Result:
    """A fault of ours counts as a failed call: it is tried again, and the log has it."""
    error = task.exception()
    if error is None:
        return task.result()
    log.error("a webhook failed by a fault of ours", exc_info=error)
    return Result(now, 0, "internal_fault")
