"""`cadenza worker`: one worker process; start as many as you like."""

from __future__ import annotations

import asyncio

import typer

from engine.cli._loop import run
from engine.cli._stopping import stop_on_signals
from engine.cli._traces import begin_traces
from engine.logging_setup import set_up
from engine.runtime import opened
from engine.settings import Settings, load
from engine.worker import run_worker

app = typer.Typer(help="Run a worker.")


@app.command()
def worker() -> None:
    """Work until stopped. Needs DATABASE_URL, TEMPORAL_ADDRESS and SECRET_KEY."""
    settings = load()
    set_up(settings.log)
    begin_traces()
    run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with opened(settings) as runtime:
        await run_worker(runtime, stop)
