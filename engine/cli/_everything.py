"""All of Cadenza in one event loop, once the servers answer."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from contextlib import AsyncExitStack

import structlog
import typer

from crm_store.migrate import upgrade
from engine.cli._runtime import with_secret
from engine.cli._stopping import cancelled, run_until_stopped, stop_on_signals
from engine.cli._web import listen, serve_web
from engine.demo import ensure_demo
from engine.embedded.data_dir import DataDir, Running
from engine.embedded.machine import Machine
from engine.runtime import Runtime, address_of, opened
from engine.services.backups import is_held
from engine.services.people import FirstAdmin, ensure_first_admin
from engine.settings import Settings
from engine.worker import run_worker

log = structlog.get_logger(__name__)


async def run_everything(
    settings: Settings, machine: Machine, data: DataDir, *, demo: bool
) -> None:
    """Migrate, open every door, print where they are, and work until told to stop."""
    stop, ready = asyncio.Event(), asyncio.Event()
    stop_on_signals(stop)
    watching = asyncio.create_task(machine.watch())
    try:
        settings = _with_ports(with_secret(settings, data), data)
        assert settings.database.url is not None
        await asyncio.to_thread(upgrade, settings.database.url.get_secret_value())
        async with AsyncExitStack() as stack:
            listening = stack.enter_context(listen(settings.web.host, settings.web.port))
            runtime = await stack.enter_async_context(opened(settings))
            first_admin = await prepare(runtime)
            # asked before anybody is told that it is up: afterwards the database may go and return
            async with runtime.store.transaction() as session:
                held = await is_held(session)
            if demo:
                await ensure_demo(runtime)
            if runtime.mailbox is not None:
                await runtime.mailbox.start(settings.mailbox.host, settings.mailbox.port)
                stack.push_async_callback(runtime.mailbox.stop)
            await run_until_stopped(
                stop,
                run_worker(runtime, stop),
                serve_web(runtime, listening, ready, stop),
                _announce(runtime, machine, data, first_admin, held, ready, stop),
            )
    finally:
        watching.cancel()
        await cancelled(watching)


async def prepare(runtime: Runtime) -> FirstAdmin | None:
    """What a new database needs before anybody comes; the first admin's one-time password."""
    async with runtime.store.transaction() as session:
        return await ensure_first_admin(session)


async def _announce(
    runtime: Runtime,
    machine: Machine,
    data: DataDir,
    first_admin: FirstAdmin | None,
    held: bool,
    ready: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    await ready.wait()
    settings = runtime.settings
    mailbox_port = settings.mailbox.port if runtime.mailbox is not None else None
    url = address_of(settings)
    data.announce(
        Running(os.getpid(), url, machine.postgres_port, machine.temporal_port, mailbox_port)
    )
    typer.echo(welcome(url, machine, data, first_admin))
    if held:
        typer.echo(
            f"Restored from a backup: nothing is sent until somebody says so at {url}/backups."
        )
    await stop.wait()


def welcome(url: str, machine: Machine, data: DataDir, first_admin: FirstAdmin | None) -> str:
    """What a newcomer needs to know, and nothing else."""
    lines = [f"Cadenza is ready: {url}", ""]
    if first_admin is not None:
        lines += [
            f"  Sign in    {first_admin.email}",
            f"  Password   {first_admin.one_time_password}   (works once; you choose your own)",
            "",
        ]
    lines += [
        f"  Flows      {url}/flows      open one to see who stands where, and why",
        f"  Mailbox    {url}/mailbox    the mail it sent",
    ]
    if machine.temporal_ui_port is not None and machine.temporal_port is not None:
        lines.append(f"  Temporal   http://127.0.0.1:{machine.temporal_ui_port}")
    lines += [f"  Data       {data.root}", "", "Stop with Ctrl-C."]
    return "\n".join(lines)


def _with_ports(settings: Settings, data: DataDir) -> Settings:
    """The wanted ports, or those beside them when they are taken."""
    web, mailbox = settings.web, settings.mailbox
    web_port = data.ports.choose("web", web.port, web.host)
    mailbox_port = data.ports.choose("mailbox", mailbox.port, mailbox.host)
    return dataclasses.replace(
        settings,
        web=web.model_copy(update={"port": web_port}),
        mailbox=mailbox.model_copy(update={"port": mailbox_port}),
    )
