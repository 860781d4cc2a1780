"""The runtime for a single verb: joined to what runs already, or started for the moment."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from crm_store.migrate import upgrade
from engine import runtime
from engine.embedded.data_dir import DataDir, Running
from engine.embedded.machine import Machine, postgres_at
from engine.embedded.ports import LOOPBACK
from engine.errors import Conflict, NotAllowed
from engine.logging_setup import set_up
from engine.runtime import Runtime
from engine.services.audit_log.refusals import Refusals
from engine.settings import Settings, load


@asynccontextmanager
async def opened(*, temporal: bool = True) -> AsyncIterator[Runtime]:
    """Everything a verb needs, closed afterwards.

    DATABASE_URL and TEMPORAL_ADDRESS win; else the running `cadenza up` of the data folder is
    joined; else the embedded servers are started and stopped again. `temporal=False` leaves
    Temporal out, and then pokes tell nobody: drivers find new rows by themselves. What somebody,
    for whom a verb acts, was refused is written down.
    """
    async with _joined_or_started(temporal) as found:
        try:
            yield found
        except NotAllowed as refused:
            await Refusals(found.store).note_error(refused)
            raise


@asynccontextmanager
async def _joined_or_started(temporal: bool) -> AsyncIterator[Runtime]:
    settings = load()
    set_up(settings.log.model_copy(update={"level": "warning"}))
    data = DataDir(settings.data.folder)
    settings = with_data(settings, data.root)
    if settings.database.url is not None:
        async with runtime.opened(settings, temporal=temporal) as given:
            yield given
        return
    running = data.running()
    if running is not None:
        settings = joined(settings, data, running)
        async with runtime.opened(settings, temporal=temporal) as shared:
            yield shared
        return
    async with _started(settings, data, temporal) as own:
        yield own


def joined(settings: Settings, data: DataDir, running: Running) -> Settings:
    """The settings of the `cadenza up` that runs on this folder."""
    database, engine, mailbox = settings.database, settings.temporal, settings.mailbox
    if database.url is None:
        if running.postgres_port is None:
            raise Conflict(
                f"Cadenza at {running.url} uses a database of its own choice. Set the same "
                "DATABASE_URL here."
            )
        url = SecretStr(postgres_at(data).url(running.postgres_port))
        database = database.model_copy(update={"url": url})
    if engine.address is None and running.temporal_port is not None:
        address = f"{LOOPBACK}:{running.temporal_port}"
        engine = engine.model_copy(update={"address": address})
    if running.mailbox_port is not None:
        mailbox = mailbox.model_copy(update={"port": running.mailbox_port})
    web = settings.web
    if web.public_url is None:
        web = web.model_copy(update={"public_url": running.url})
    return dataclasses.replace(
        with_secret(settings, data), database=database, temporal=engine, mailbox=mailbox, web=web
    )


def with_secret(settings: Settings, data: DataDir) -> Settings:
    """The data folder's own SECRET_KEY where none is set."""
    if settings.security.secret_key is not None:
        return settings
    key = SecretStr(data.secret("secret_key"))
    security = settings.security.model_copy(update={"secret_key": key})
    return dataclasses.replace(settings, security=security)


def with_data(settings: Settings, folder: Path) -> Settings:
    return dataclasses.replace(settings, data=settings.data.model_copy(update={"folder": folder}))


@asynccontextmanager
async def _started(settings: Settings, data: DataDir, temporal: bool) -> AsyncIterator[Runtime]:
    with data.locked():
        machine = Machine(settings, data)
        try:
            machine.spawn(temporal=temporal)
            ready = with_secret(machine.wait_ready(), data)
            assert ready.database.url is not None
            await asyncio.to_thread(upgrade, ready.database.url.get_secret_value())
            async with runtime.opened(ready, temporal=temporal) as own:
                yield own
        finally:
            machine.stop()
