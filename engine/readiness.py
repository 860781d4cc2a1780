"""Whether this process can work: what it stands on answers, is ours, and rows are moved."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.service import RPCError

from crm_store.migrate import head
from crm_store.session import Store
from engine.services.vitals import SCARCE_BYTES
from engine.workflows.client import TASK_QUEUE
from engine.workflows.connect import READY_SECONDS
from engine.workflows.workers import workers_of

# Probes come from anywhere and as often as they like; one question answers them all.
FRESH_SECONDS: Final = 2.0
LONGEST_SECONDS: Final = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Readiness:
    """One per process. `temporal` is None in a process that was opened without it."""

    store: Store
    temporal: Client | None
    folder: Path
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, bool] = field(default_factory=dict)
    _at: float = float("-inf")
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> dict[str, bool]:
        """Each part by its name, and whether it is well; a change of any is logged."""
        async with self._asking:
            if self.clock() - self._at >= FRESH_SECONDS:
                found = await self._ask()
                if found != self._known:
                    missing = [name for name, well in found.items() if not well]
                    if missing:
                        log.warning("not_ready", missing=missing)
                    elif self._known:
                        log.info("ready_again")
                self._known, self._at = found, self.clock()
            return dict(self._known)

    async def _ask(self) -> dict[str, bool]:
        (database, schema), (temporal, drivers), disk = await asyncio.gather(
            _in_time(self._database, (False, False)),
            _in_time(self._temporal, (False, False)),
            asyncio.to_thread(self._disk),
        )
        return {
            "database": database,
            "schema": schema,
            "temporal": temporal,
            "drivers": drivers,
            "disk": disk,
        }

    async def _database(self) -> tuple[bool, bool]:
        """Whether it answers, and whether its schema is what this release needs or newer."""
        try:
            async with self.store.connection() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError):
            return False, False
        try:
            async with self.store.connection() as connection:
                found = await connection.execute(text("SELECT version_num FROM alembic_version"))
                at = found.scalar()
        except (SQLAlchemyError, OSError):
            return True, False
        return True, at is not None and at >= head()

    async def _temporal(self) -> tuple[bool, bool]:
        """Whether it answers, and whether a worker asked it for work in the last minutes. Where it
        does not say who works, nobody is blamed."""
        if self.temporal is None:
            return False, False
        try:
            answers = await self.temporal.service_client.check_health(timeout=READY_SECONDS)
        except RPCError:
            return False, False
        workers = await workers_of(self.temporal, TASK_QUEUE) if answers else ()
        return answers, workers is None or bool(workers)

    def _disk(self) -> bool:
        """Room on the disk of the data folder; a process that keeps no files has enough."""
        try:
            return shutil.disk_usage(self.folder).free >= SCARCE_BYTES
        except OSError:
            return True


async def _in_time(
    question: Callable[[], Awaitable[tuple[bool, bool]]], otherwise: tuple[bool, bool]
) -> tuple[bool, bool]:
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await question()
    except TimeoutError:
        return otherwise
