"""`cadenza serve`: the API and the designer, for a PostgreSQL and a Temporal of your own."""

from __future__ import annotations

import asyncio
import socket

import typer

from engine.cli._loop import run
from engine.cli._stopping import run_until_stopped, stop_on_signals
from engine.cli._traces import begin_traces
from engine.cli._web import listen, serve_web
from engine.logging_setup import set_up
from engine.runtime import opened
from engine.services.people import ensure_first_admin
from engine.settings import Settings, load

app = typer.Typer(help="Serve the API and the designer.")


@app.command()
def serve() -> None:
    """Serve until stopped. Needs DATABASE_URL, TEMPORAL_ADDRESS and SECRET_KEY."""
    settings = load()
    set_up(settings.log)
    begin_traces()
    run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop, ready = asyncio.Event(), asyncio.Event()
    stop_on_signals(stop)
    with listen(settings.web.host, settings.web.port) as listening:
        await _serve_on(listening, settings, ready, stop)


async def _serve_on(
    listening: socket.socket, settings: Settings, ready: asyncio.Event, stop: asyncio.Event
) -> None:
    async with opened(settings) as runtime:
        async with runtime.store.transaction() as session:
            first_admin = await ensure_first_admin(session)
        if first_admin is not None:
            typer.echo(
                f"First sign-in: {first_admin.email}, one-time password "
                f"{first_admin.one_time_password}"
            )
        await run_until_stopped(stop, serve_web(runtime, listening, ready, stop))
