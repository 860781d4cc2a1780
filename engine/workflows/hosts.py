"""Hosts as a process reaches them: begun, told of their clocks, asked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from crm_store.clocks import ClockRow
from engine.errors import Unavailable
from engine.services.tending import ClockKind
from engine.workflows.approval import Approval
from engine.workflows.entity import LOOK_IN_SECONDS, SHORTEST_REST_SECONDS
from engine.workflows.escalation import Escalation
from engine.workflows.sales_stage import SalesStage
from engine.workflows.shared import AnswerInput, ClockNews, HostInput, host_id
from engine.workflows.ticket import Ticket

HOSTS: Final[Mapping[ClockKind, Any]] = {
    ClockKind.DEAL: SalesStage,
    ClockKind.APPROVAL: Approval,
    ClockKind.ESCALATION: Escalation,
    ClockKind.TICKET: Ticket,
}
DRIVER_KIND = SearchAttributeKey.for_keyword("DriverKind")
# More at once make one Temporal no faster, and whoever waits does not wait inside of it.
AT_ONCE = 16
# Answers are acted on together, and more of them make larger batches.
ASKED_AT_ONCE = 40
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 5.0
# Those that Temporal took are written down together.
GATHERED_SECONDS = 0.3
# How long somebody at a door waits for the word that their answer counts.
PATIENCE_SECONDS = 20.0
# And for their turn, in a burst; while Temporal is away nobody's turn comes soon.
TURN_SECONDS = 60.0

log = structlog.get_logger(__name__)

# Writes down that Temporal has these.
Took = Callable[[Sequence[ClockRow]], Awaitable[None]]


@dataclass(slots=True)
class Hosts:
    """`prefix` and `task_queue` as for drivers; without `took` the sweep tells everybody twice."""

    client: Client
    task_queue: str
    prefix: str = ""
    took: Took | None = None
    _waiting: dict[tuple[str, int], ClockRow] = field(default_factory=dict)
    _delivering: set[tuple[str, int]] = field(default_factory=set)
    _taken: list[ClockRow] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _asking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ASKED_AT_ONCE))

    def tell(self, clocks: Collection[ClockRow]) -> None:
        """Each host is told the newest of its clocks, tried until Temporal takes it."""
        for clock in clocks:
            key = (clock.kind, clock.entity_id)
            known = self._waiting.get(key)
            if known is None or known.revision < clock.revision:
                self._waiting[key] = clock
            if key not in self._delivering:
                self._delivering.add(key)
                self._begin(self._deliver(key))

    async def host(self, clocks: Sequence[ClockRow]) -> Sequence[ClockRow]:
        """Those that Temporal took; the others are left to the next sweep."""

        async def told(clock: ClockRow) -> bool:
            try:
                async with self._places:
                    await self._signal(clock)
            except RPCError as error:
                log.warning("host_not_told", kind=clock.kind, status=error.status.name)
                return False
            return True

        taken = await asyncio.gather(*(told(clock) for clock in clocks))
        return [clock for clock, took in zip(clocks, taken, strict=True) if took]

    async def ask(self, kind: ClockKind, entity_id: int, answer_id: str) -> str:
        """Let the host act on an answer that is kept; what became of it, in one word.

        Asked again until somebody answers: the same answer is acted on once. Raises Unavailable
        when nobody does for that long.
        """
        line = AnswerInput(kind, entity_id, answer_id)
        try:
            # in a burst, waiting for one's turn is not Temporal's silence
            async with asyncio.timeout(TURN_SECONDS):
                await self._asking.acquire()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await self._persistently(kind, line)
            finally:
                self._asking.release()
        except TimeoutError:
            raise Unavailable(
                "It is not known whether this was decided: Temporal, or the worker, does not "
                "answer. Look at it again in a moment; the same answer may be given again."
            ) from None

    async def settled(self) -> None:
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _persistently(self, kind: ClockKind, line: AnswerInput) -> str:
        pause = FIRST_RETRY_SECONDS
        for attempt in count():
            try:
                return await self._update(kind, line, attempt)
            except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
                _let_go(error)
                log.warning("answer_not_taken", kind=kind, error=type(error).__name__)
            except WorkflowUpdateFailedError as error:
                # the run ended beneath it, or the deed failed, as it may not the next time
                log.warning("answer_cut_off", kind=kind, error=type(error.cause).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY_SECONDS)
        raise AssertionError("it counts for ever")

    async def _update(self, kind: ClockKind, line: AnswerInput, attempt: int) -> str:
        """An update of the host that is there; of a new one only where there is none, because that
        costs Temporal more. Each attempt has an id of its own, or Temporal would repeat a failure;
        that it counts once is seen to by the rows."""
        host, update = HOSTS[kind], f"{line.answer_id}/{attempt}"
        id_ = self.prefix + host_id(kind, line.entity_id)
        try:
            handle = self.client.get_workflow_handle(id_)
            code: str = await handle.execute_update(host.answer, line, id=update, result_type=str)
            return code
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        begun = WithStartWorkflowOperation(
            host.run,
            HostInput(kind, line.entity_id),
            id=id_,
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=_attributes(kind),
        )
        begun_code: str = await self.client.execute_update_with_start_workflow(
            host.answer,
            line,
            id=update,
            result_type=str,
            start_workflow_operation=begun,
        )
        return begun_code

    async def _deliver(self, key: tuple[str, int]) -> None:
        pause = FIRST_RETRY_SECONDS
        try:
            while (clock := self._waiting.get(key)) is not None:
                try:
                    async with self._places:
                        await self._signal(clock)
                except RPCError as error:
                    log.warning("poke_failed", driver=key[0], status=error.status.name)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_RETRY_SECONDS)
                    continue
                if self._waiting.get(key) is clock:
                    del self._waiting[key]
                self._gather(clock)
        finally:
            self._delivering.discard(key)

    async def _signal(self, clock: ClockRow) -> None:
        due = clock.due_at.timestamp() if clock.due_at is not None else None
        id_ = self.prefix + host_id(clock.kind, clock.entity_id)
        host = HOSTS[ClockKind(clock.kind)]
        news = ClockNews(due, clock.revision, clock.ended)
        if clock.ended:
            try:
                await self.client.get_workflow_handle(id_).signal(host.poke, news)
            except RPCError as error:
                # it has ended, or there never was one
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            return
        await self.client.start_workflow(
            host.run,
            HostInput(clock.kind, clock.entity_id, due, clock.revision),
            id=id_,
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=_attributes(clock.kind),
            # until then nobody runs: no task, no memory. An answer or another poke begins it at
            # once all the same.
            start_delay=_asleep(clock),
            start_signal="poke",
            start_signal_args=[news],
        )

    def _gather(self, clock: ClockRow) -> None:
        if self.took is None or clock.ended:
            return
        if not self._taken:
            self._begin(self._write_taken(self.took))
        self._taken.append(clock)

    async def _write_taken(self, took: Took) -> None:
        await asyncio.sleep(GATHERED_SECONDS)
        taken, self._taken = self._taken, []
        try:
            await took(taken)
        except SQLAlchemyError as error:
            log.warning("hosts_not_written_down", kind=type(error).__name__)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _asleep(clock: ClockRow) -> timedelta | None:
    """How long a new host need not run: until its time, less than a day. None for none at all."""
    longest = LOOK_IN_SECONDS * random.uniform(0.5, 1)
    seconds = longest
    if clock.due_at is not None:
        seconds = min((clock.due_at - datetime.now(UTC)).total_seconds(), longest)
    return timedelta(seconds=seconds) if seconds >= SHORTEST_REST_SECONDS else None


def _let_go(error: Exception) -> None:
    """The client tells of its caller's cancellation as of any broken call."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error


def _attributes(kind: str) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(DRIVER_KIND, kind)])
