"""The whole product in one process on a throw-away folder, as `cadenza up` runs it."""

from __future__ import annotations

import asyncio
import dataclasses
import platform
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from sqlalchemy import text
from temporalio.client import Client

from crm_store.migrate import upgrade
from engine.cli._runtime import with_secret
from engine.embedded.data_dir import DataDir
from engine.embedded.machine import Machine
from engine.runtime import Runtime, opened
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.people import ensure_first_admin
from engine.settings import Settings, load
from engine.worker import run_worker


def machine_line() -> str:
    """What every figure is printed with."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"machine: {psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def settings_for(folder: Path, channel: str, **delivery: object) -> Settings:
    settings = load()
    return dataclasses.replace(
        settings,
        data=settings.data.model_copy(update={"folder": folder}),
        delivery=settings.delivery.model_copy(update={"channel": channel, **delivery}),
    )


@asynccontextmanager
async def stack(
    channel: str = "null", *, working: bool = True, **delivery: object
) -> AsyncIterator[Runtime]:
    """Embedded servers with their production settings, a migrated database and a worker."""
    with tempfile.TemporaryDirectory(prefix="cadenza-bench-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        data = DataDir(folder)
        with data.locked():
            machine = Machine(settings_for(folder, channel, **delivery), data)
            machine.spawn()
            try:
                settings = with_secret(await asyncio.to_thread(machine.wait_ready), data)
                assert settings.database.url is not None
                await asyncio.to_thread(upgrade, settings.database.url.get_secret_value())
                async with opened(settings) as runtime:
                    async with runtime.store.transaction() as session:
                        await ensure_first_admin(session)
                    stop = asyncio.Event()
                    worker = asyncio.create_task(run_worker(runtime, stop)) if working else None
                    try:
                        yield runtime
                    finally:
                        stop.set()
                        if worker is not None:
                            await worker
            finally:
                machine.stop()


async def add_contacts(runtime: Runtime, count: int) -> None:
    """Contacts with addresses and marketing consent, made inside the database."""
    async with runtime.store.transaction() as session:
        await session.execute(
            text(
                """
                INSERT INTO contact (email, email_key, first_name, country, language, time_zone)
                SELECT 'person' || n || '@example.com', 'person' || n || '@example.com',
                       'Person ' || n, (ARRAY['SG', 'DE', 'CN', 'US'])[1 + n % 4], 'en',
                       'Asia/Singapore'
                FROM generate_series(1, :count) AS n
                """
            ),
            {"count": count},
        )
        await session.execute(
            text(
                """
                INSERT INTO consent (contact_id, channel, purpose, granted, lawful_basis, source)
                SELECT id, 'email', 'marketing', true, 'consent', 'benchmark' FROM contact
                """
            )
        )
    async with runtime.store.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("ANALYZE"))


async def publish(runtime: Runtime, source: str) -> flows.Published:
    async with runtime.store.transaction() as session:
        saved = await flows.save_draft(
            session, SYSTEM, source, library=runtime.library, file="benchmark.yaml"
        )
        return await flows.publish(
            session,
            SYSTEM,
            saved.name,
            plans=runtime.plans,
            library=runtime.library,
            now=runtime.now(),
        )


async def history_events(client: Client) -> dict[str, int]:
    """History events of every workflow so far, by kind."""
    events: dict[str, int] = {}
    async for workflow in client.list_workflows():
        description = await client.get_workflow_handle(
            workflow.id, run_id=workflow.run_id
        ).describe()
        kind = workflow.workflow_type
        events[kind] = events.get(kind, 0) + description.history_length
    return events


async def number(runtime: Runtime, sql: str) -> int:
    async with runtime.store.connection() as connection:
        return int((await connection.execute(text(sql))).scalar_one() or 0)


def cpu_seconds() -> dict[str, float]:
    """CPU seconds so far of this process and of the servers under it, dead backends included."""
    own = psutil.Process()
    used = {"product": sum(own.cpu_times()[:2]), "postgres": 0.0, "temporal": 0.0}
    for child in own.children(recursive=True):
        times = child.cpu_times()
        server = "temporal" if "temporal" in child.name() else "postgres"
        used[server] += sum(times[:2])
    return used
