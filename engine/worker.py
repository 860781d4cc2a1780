"""One worker process: our workflows in the sandbox, our activities, and the drivers woken."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version

import structlog
from sqlalchemy.exc import DBAPIError
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from crm_store.clock import database_now
from engine.activities import Parts, Sizes, make_activities
from engine.activities.watching import Watching
from engine.errors import Unavailable
from engine.garbage import spare_the_garbage_collector
from engine.runtime import Runtime
from engine.services.backups import until_released
from engine.services.waking import poke_waiting, who_waits
from engine.workflows import ALL_WORKFLOWS
from engine.workflows.client import NURTURE_IDLE_FACTOR, TASK_QUEUE
from engine.workflows.schedules import ensure_schedules

# Loaded once outside the sandbox instead of anew for each workflow: halves the worker's CPU (11.4
# to 5.8 ms per workflow measured), and zone objects and pydantic models keep their identity.
PASSED_THROUGH = ("engine", "crm_store", "pydantic", "pydantic_core", "structlog", "zoneinfo")

# Of a lease: two workers that are so far apart still agree on who has an effect.
CLOCK_TOLERANCE = 0.1

# Between an outage's failed start and the next try.
PAUSE_SECONDS = 1

log = structlog.get_logger(__name__)


async def run_worker(runtime: Runtime, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then give what is under way its grace.

    When the database or Temporal are away at its start, or go away for long, it starts again until
    they are back. Raises Unavailable without a client.
    """
    spare_the_garbage_collector()
    while not stop.is_set():
        try:
            if await until_released(runtime.store, stop):
                log.warning("restore_was_held", over=not stop.is_set())
                continue
            await _work(runtime, stop)
        except (RPCError, RuntimeError, DBAPIError, OSError) as error:
            log.warning("worker_starts_again", kind=type(error).__name__, error=str(error)[:500])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def _work(runtime: Runtime, stop: asyncio.Event) -> None:
    if runtime.temporal is None:
        raise Unavailable("A worker needs Temporal. Set TEMPORAL_ADDRESS.")
    settings = runtime.settings.worker
    worker = Worker(
        runtime.temporal,
        task_queue=TASK_QUEUE,
        workflows=ALL_WORKFLOWS,
        activities=make_activities(parts_of(runtime)),
        max_concurrent_activities=settings.activities,
        # a transaction each: more of them than connections would only wait
        max_concurrent_local_activities=settings.activities,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        # Named, because the default hashes every loaded module: seconds at each start.
        deployment_config=WorkerDeploymentConfig(
            version=WorkerDeploymentVersion("cadenza", version("cadenza")),
            use_worker_versioning=False,
        ),
        graceful_shutdown_timeout=timedelta(seconds=settings.grace_seconds),
        workflow_runner=sandboxed_runner(),
        interceptors=[Watching()],
    )
    async with worker:
        await compare_clocks(runtime)
        await ensure_schedules(runtime.temporal)
        await wake_everything(runtime)
        log.info("worker_ready", task_queue=TASK_QUEUE)
        await stop.wait()


def sandboxed_runner() -> SandboxedWorkflowRunner:
    """Workflows in their sandbox, with our modules and what they use passed through."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def parts_of(runtime: Runtime) -> Parts:
    """What the activities are given."""
    drivers = runtime.settings.drivers
    return Parts(
        store=runtime.store,
        pokes=runtime.pokes,
        doorbell=runtime.doorbell,
        channel=runtime.channel,
        library=runtime.library,
        sender=runtime.sender_settings,
        now=runtime.now,
        worker=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}",
        sizes=Sizes(
            advance_shards=drivers.advance_shards,
            perform_shards=drivers.perform_shards,
            dispatch_batch=drivers.dispatch_batch,
            dispatch_partitions=drivers.dispatch_partitions,
            advance_batch=drivers.advance_batch,
            enrol_batch=drivers.enrol_batch,
            lanes=drivers.perform_lanes,
            lease=timedelta(seconds=drivers.effect_lease_seconds),
            nurture_idle=timedelta(seconds=drivers.idle_seconds * NURTURE_IDLE_FACTOR),
        ),
        default_zone=runtime.settings.company.default_zone,
        base_currency=runtime.settings.company.base_currency,
        plans=runtime.plans,
        outgoing=runtime.outgoing,
        secrets=runtime.secrets,
        public_url=runtime.public_url,
        bounce_desk=runtime.bounce_desk,
        bounce_folder=runtime.settings.reports.bounce_folder,
        webhook_log=timedelta(days=runtime.settings.outgoing.log_days),
        audit_kept=runtime.settings.audit.kept(),
    )


async def compare_clocks(runtime: Runtime) -> timedelta:
    """How far this machine's clock is ahead of the database's; says so when it is too far.

    Leases are times: a worker whose clock is ahead takes mail for left behind that another is just
    handing over, and it goes out twice.
    """
    async with runtime.store.transaction() as session:
        ahead = runtime.now() - await database_now(session)
    lease = timedelta(seconds=runtime.settings.drivers.effect_lease_seconds)
    if abs(ahead) > lease * CLOCK_TOLERANCE:
        log.error(
            "clock_is_wrong",
            seconds_ahead_of_the_database=round(ahead.total_seconds(), 1),
            do="Let NTP set the clocks of this machine and of the database's.",
        )
    return ahead


async def wake_everything(runtime: Runtime) -> None:
    """Poke every driver there may be work for: after a crash, an upgrade of Temporal's file or a
    lost poke, what people wait for is in our tables and goes on from there.

    Partitions and shards beyond today's settings are among them as long as rows are left there.
    """
    drivers, pokes = runtime.settings.drivers, runtime.pokes
    pokes.dispatch(range(drivers.dispatch_partitions))
    pokes.segments()
    pokes.facts()
    pokes.scores()
    pokes.winners()
    pokes.due_dates()
    pokes.clocks()
    pokes.notices()
    pokes.webhooks()
    pokes.audit_seals()
    pokes.assignments()
    pokes.jobs()
    pokes.forecasts()
    pokes.retention()
    if runtime.settings.reports.bounce_folder is not None:
        pokes.bounces(runtime.settings.reports.bounce_seconds)
    for shard in range(drivers.perform_shards):
        pokes.perform(shard)
    async with runtime.store.transaction() as session:
        waiting = await who_waits(session)
    poke_waiting(pokes, waiting)
