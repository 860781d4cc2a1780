"""`cadenza up`: everything on this machine, in one process, with nothing installed beforehand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from engine.cli._loop import run
from engine.cli._traces import begin_traces
from engine.embedded.data_dir import DataDir
from engine.embedded.machine import Machine
from engine.logging_setup import set_up
from engine.settings import Settings, load

app = typer.Typer(help="Start everything on this machine.")


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="Fill an empty database with a demo company.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Folder to keep everything in.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Wanted port; the next free if taken.")] = None,
) -> None:
    """Start PostgreSQL, Temporal, the worker, the mailbox, the API and the designer.

    DATABASE_URL or TEMPORAL_ADDRESS in the environment replace the embedded server. Stop with
    Ctrl-C; what runs goes on where it was at the next start, also after a crash.
    """
    settings = with_options(load(), data_dir, host, port)
    set_up(settings.log)
    begin_traces()
    data = DataDir(settings.data.folder)
    with data.locked():
        machine = Machine(settings, data)
        try:
            machine.spawn()
            # Imported while the servers start: the rest of the product takes seconds to load.
            from engine.cli._everything import run_everything

            run(run_everything(machine.wait_ready(), machine, data, demo=demo))
        finally:
            machine.stop()


def with_options(
    settings: Settings, data_dir: Path | None, host: str | None, port: int | None
) -> Settings:
    """Options win over the environment."""
    data, web = settings.data, settings.web
    if data_dir is not None:
        data = data.model_copy(update={"folder": data_dir})
    data = data.model_copy(update={"folder": data.folder.expanduser().absolute()})
    if host is not None:
        web = web.model_copy(update={"host": host})
    if port is not None:
        web = web.model_copy(update={"port": port})
    return dataclasses.replace(settings, data=data, web=web)
