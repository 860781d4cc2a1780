"""Starting and poking drivers: the pokes port of the services, over Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)
from temporalio.service import RPCError

from crm_store.clocks import ClockRow
from crm_store.given_answers import GivenRow
from crm_store.session import Store
from engine.errors import Unavailable
from engine.services.bursts import Burst
from engine.services.doorbell import Doorbell
from engine.services.hosts import given_row, keep_answers, known_outcome, outcomes, took
from engine.services.tending import Answer, Answered, ClockKind
from engine.workflows import shared
from engine.workflows.assignments import Assignments
from engine.workflows.audience import Audience
from engine.workflows.audit_seals import AuditSeals
from engine.workflows.birthday_care import BirthdayCare
from engine.workflows.bounces import Bounces
from engine.workflows.clocks import Clocks
from engine.workflows.dispatch import Dispatch
from engine.workflows.facts_care import FactsCare
from engine.workflows.forecasts import Forecasts
from engine.workflows.hosts import Hosts
from engine.workflows.jobs import Jobs
from engine.workflows.notices import Notices
from engine.workflows.nurture import Nurture
from engine.workflows.perform import PerformEffects
from engine.workflows.retention import Retention
from engine.workflows.scores import Scores
from engine.workflows.segments import Segments
from engine.workflows.version_move import VersionMove
from engine.workflows.webhooks import Webhooks
from engine.workflows.winners import Winners

TASK_QUEUE = "cadenza"
# A driver that nobody pokes looks again after its idle time; a due time beyond it needs no poke.
NURTURE_IDLE_FACTOR = 10
# Scores are looked at now and then, because nobody tells when many orders came.
FACTS_IDLE_FACTOR = 10
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 5.0

FLOW_NAME = SearchAttributeKey.for_keyword("FlowName")
SHARD = SearchAttributeKey.for_keyword("Shard")
DRIVER_KIND = SearchAttributeKey.for_keyword("DriverKind")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    """One driver's pokes: at most one signal is on its way, and what came meanwhile is one more."""

    workflow: Any
    input: Any
    attributes: TypedSearchAttributes
    now: bool = False
    due: float | None = None

    def wants(self) -> bool:
        return self.now or self.due is not None


@dataclass(slots=True)
class TemporalPokes:
    """Pokes as signals that start their driver when it is not running.

    A poke is tried until Temporal takes it or the process ends. `idle_seconds` is how long a driver
    sleeps at most by itself. `prefix` goes before every workflow id, where several installations
    share a namespace. Behind `doorbell` are the activities of this process: who answers it needs
    no signal. Answers are kept in `store` before anybody is asked to act on them; without it none
    are taken.
    """

    client: Client
    idle_seconds: float = 30
    task_queue: str = TASK_QUEUE
    prefix: str = ""
    doorbell: Doorbell = field(default_factory=Doorbell)
    store: Store | None = None
    _hosts: Hosts = field(init=False)
    _keeping: Burst[GivenRow, GivenRow] = field(init=False)
    _reading: Burst[str, Answered | None] = field(init=False)
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        written = self._written_down if self.store is not None else None
        self._hosts = Hosts(self.client, self.task_queue, self.prefix, written)
        self._keeping = Burst(self._keep, self._keep_together)
        self._reading = Burst(self._read, self._read_together)

    def hosts(self, clocks: Collection[ClockRow]) -> None:
        self._hosts.tell(clocks)

    async def host(self, clocks: Sequence[ClockRow]) -> Sequence[ClockRow]:
        return await self._hosts.host(clocks)

    async def ask(self, kind: ClockKind, entity_id: int, answer: Answer) -> Answered:
        if self.store is None:
            raise Unavailable("Nobody keeps answers here. This is a fault in Cadenza.")
        new = given_row(kind, entity_id, answer)
        known = known_outcome(new, await self._keeping(new))
        if known is None:
            await self._hosts.ask(kind, entity_id, answer.answer_id)
            known = await self._reading(answer.answer_id)
        if known is None:
            raise Unavailable("The answer was not acted on. Give it again in a moment.")
        return known

    async def _keep(self, row: GivenRow) -> GivenRow:
        [kept] = await self._keep_together([row])
        assert kept is not None
        return kept

    async def _keep_together(self, rows: Sequence[GivenRow]) -> list[GivenRow | None]:
        assert self.store is not None
        return await keep_answers(self.store, rows, datetime.now(UTC))

    async def _read(self, answer_id: str) -> Answered | None:
        [found] = await self._read_together([answer_id])
        return found

    async def _read_together(self, answer_ids: Sequence[str]) -> list[Answered | None]:
        assert self.store is not None
        return await outcomes(self.store, answer_ids)

    async def _written_down(self, clocks: Sequence[ClockRow]) -> None:
        assert self.store is not None
        await took(self.store, clocks, datetime.now(UTC))

    def clocks(self) -> None:
        self._poke(
            shared.clocks_id(),
            Clocks.run,
            shared.ClocksInput(self.idle_seconds),
            _attributes("clocks", ""),
        )

    def assignments(self) -> None:
        self._poke(
            shared.assignments_id(),
            Assignments.run,
            shared.AssignmentsInput(self.idle_seconds),
            _attributes("assignments", ""),
        )

    def jobs(self) -> None:
        self._poke(
            shared.jobs_id(),
            Jobs.run,
            shared.JobsInput(),
            _attributes("jobs", ""),
        )

    def forecasts(self) -> None:
        self._poke(
            shared.forecasts_id(),
            Forecasts.run,
            shared.ForecastsInput(),
            _attributes("forecasts", ""),
        )

    def retention(self) -> None:
        self._poke(
            shared.retention_id(),
            Retention.run,
            shared.RetentionInput(),
            _attributes("retention", ""),
        )

    def notices(self) -> None:
        self._poke(
            shared.notices_id(),
            Notices.run,
            shared.NoticesInput(self.idle_seconds),
            _attributes("notices", ""),
        )

    def webhooks(self) -> None:
        self._poke(
            shared.webhooks_id(),
            Webhooks.run,
            shared.WebhooksInput(self.idle_seconds),
            _attributes("webhooks", ""),
        )

    def audit_seals(self) -> None:
        self._poke(
            shared.audit_seals_id(),
            AuditSeals.run,
            shared.AuditSealsInput(),
            _attributes("audit_seals", ""),
        )

    def dispatch(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            driver = shared.dispatch_id(partition)
            if self.doorbell.ring(driver):
                continue
            self._poke(
                driver,
                Dispatch.run,
                shared.DispatchInput(partition, self.idle_seconds),
                _attributes("dispatch", str(partition)),
            )

    def perform(self, shard: int, due: datetime | None = None) -> None:
        self._poke(
            shared.perform_id(shard),
            PerformEffects.run,
            shared.PerformInput(shard, self.idle_seconds),
            _attributes("perform", str(shard)),
            due,
        )

    def advance(self, flow: str, shard: int, due: datetime | None) -> None:
        idle = self.idle_seconds * NURTURE_IDLE_FACTOR
        self._poke(
            shared.nurture_id(flow, shard),
            Nurture.run,
            shared.NurtureInput(flow, shard, idle),
            _attributes("nurture", str(shard), flow),
            due,
        )

    def audience(self, enrolment_id: int) -> None:
        self._poke(
            shared.audience_id(enrolment_id),
            Audience.run,
            shared.AudienceInput(enrolment_id),
            _attributes("audience", ""),
        )

    def version_move(self, move_id: int) -> None:
        self._poke(
            shared.version_move_id(move_id),
            VersionMove.run,
            shared.VersionMoveInput(move_id),
            _attributes("version_move", ""),
        )

    def segments(self) -> None:
        self._poke(
            shared.segments_id(),
            Segments.run,
            shared.SegmentsInput(self.idle_seconds),
            _attributes("segments", ""),
        )

    def scores(self) -> None:
        self._poke(
            shared.scores_id(),
            Scores.run,
            shared.ScoresInput(self.idle_seconds),
            _attributes("scores", ""),
        )

    def winners(self) -> None:
        self._poke(
            shared.winners_id(),
            Winners.run,
            shared.WinnersInput(self.idle_seconds * FACTS_IDLE_FACTOR),
            _attributes("winners", ""),
        )

    def bounces(self, seconds: float) -> None:
        self._poke(
            shared.bounces_id(),
            Bounces.run,
            shared.BouncesInput(seconds),
            _attributes("bounces", ""),
        )

    def facts(self) -> None:
        self._poke(
            shared.facts_care_id(),
            FactsCare.run,
            shared.FactsCareInput(self.idle_seconds * FACTS_IDLE_FACTOR),
            _attributes("facts_care", ""),
        )

    def due_dates(self) -> None:
        self._poke(
            shared.birthday_care_id(),
            BirthdayCare.run,
            shared.DueDatesInput(),
            _attributes("due_dates", ""),
        )

    async def settled(self) -> None:
        """Wait until every poke so far was taken; for an orderly stop and for tests."""
        await self._hosts.settled()
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def _poke(
        self,
        workflow_id: str,
        workflow: Any,
        input_: Any,
        attributes: TypedSearchAttributes,
        due: datetime | None = None,
    ) -> None:
        waiting = self._waiting.get(workflow_id)
        is_new = waiting is None
        if waiting is None:
            waiting = self._waiting[workflow_id] = _Waiting(workflow, input_, attributes)
        if due is None:
            waiting.now = True
        else:
            at = due.timestamp()
            waiting.due = at if waiting.due is None else min(waiting.due, at)
        if is_new:
            task = asyncio.create_task(self._deliver(workflow_id, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, workflow_id: str, waiting: _Waiting) -> None:
        pause = FIRST_RETRY_SECONDS
        try:
            while waiting.wants():
                argument = None if waiting.now else waiting.due
                waiting.now, waiting.due = False, None
                try:
                    await self._signal(workflow_id, waiting, argument)
                    pause = FIRST_RETRY_SECONDS
                except RPCError as error:
                    log.warning("poke_failed", driver=workflow_id, status=error.status.name)
                    waiting.now = True
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_RETRY_SECONDS)
        finally:
            del self._waiting[workflow_id]

    async def _signal(self, workflow_id: str, waiting: _Waiting, argument: float | None) -> None:
        await self.client.start_workflow(
            waiting.workflow,
            waiting.input,
            id=self.prefix + workflow_id,
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=waiting.attributes,
            start_signal="poke",
            start_signal_args=[argument],
        )


def _attributes(kind: str, shard: str, flow: str | None = None) -> TypedSearchAttributes:
    pairs: list[SearchAttributePair[Any]] = [SearchAttributePair(DRIVER_KIND, kind)]
    if shard:
        pairs.append(SearchAttributePair(SHARD, shard))
    if flow is not None:
        pairs.append(SearchAttributePair(FLOW_NAME, flow))
    return TypedSearchAttributes(pairs)
