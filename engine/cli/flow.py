"""`cadenza flow`: check, publish, export, pause and resume flows from files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_store.flows import flow_named, flow_rows
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import NotFound, Refused
from engine.flows.check import check_flow
from engine.flows.load import read_flow
from engine.flows.problems import FlowProblem, Severity
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.plans import current_catalogue
from engine.steps import STEP_KINDS

app = typer.Typer(help="Flows as files.", no_args_is_help=True)

LONGEST_FILE_BYTES = 1_048_576

File = Annotated[Path, typer.Argument(help="The flow's YAML file.")]
Name = Annotated[str, typer.Argument(help="The flow's name.")]


@app.command()
def check(file: File) -> None:
    """Say everything that is wrong with a flow file, by line. Nothing is stored."""
    run(_check(file))


@app.command()
def publish(file: File) -> None:
    """Save a flow file as draft and publish it. An unchanged flow makes no new version."""
    run(_publish(file))


@app.command()
def export(name: Name) -> None:
    """Print the draft of a flow."""
    run(_export(name))


@app.command(name="list")
def list_() -> None:
    """Names and states of all flows."""
    run(_list())


@app.command()
def pause(name: Name) -> None:
    """Hold everybody where they are."""
    run(_switch(name, paused=True))


@app.command()
def resume(name: Name) -> None:
    """Let people move again."""
    run(_switch(name, paused=False))


def text_of(file: Path) -> str:
    """The file's text; refuses what is no flow before reading it all."""
    if not file.is_file():
        raise NotFound(f'There is no file "{file}". Correct the path.')
    if file.stat().st_size > LONGEST_FILE_BYTES:
        raise Refused(f'"{file}" is larger than 1 MiB; a flow never is. Give a flow file.')
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f'"{file}" is not UTF-8 text. Save it as UTF-8.') from error


async def _check(file: Path) -> None:
    source = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        catalogue = await current_catalogue(session)
        loaded = read_flow(source, file=file.name, kinds=STEP_KINDS, catalogue=catalogue)
        found = check_flow(
            loaded.flow, kinds=STEP_KINDS, catalogue=catalogue, templates=runtime.library.names()
        )
        show([loaded.places.locate(problem) for problem in found])
        typer.echo(f'"{loaded.flow.name}": {len(loaded.flow.nodes)} nodes, {len(found)} findings.')
    if any(problem.severity is Severity.ERROR for problem in found):
        raise typer.Exit(1)


async def _publish(file: Path) -> None:
    source = text_of(file)
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            saved = await flows.save_draft(
                session, SYSTEM, source, library=runtime.library, file=file.name
            )
            published = await flows.publish(
                session,
                SYSTEM,
                saved.name,
                plans=runtime.plans,
                library=runtime.library,
                now=runtime.now(),
            )
        show(saved.problems)
        if published.enrolment_id is not None:
            runtime.pokes.audience(published.enrolment_id)
    how = "is published already as" if published.unchanged else "is published as"
    typer.echo(f'"{published.name}" {how} version {published.number}.')
    if published.enrolment_id is not None:
        typer.echo("Everybody who matches its segment now is entering.")


async def _export(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        record = await flow_named(session, name)
        if record is None:
            raise NotFound(f'There is no flow "{name}". `cadenza flow list` shows all names.')
        typer.echo(record.draft_source, nl=not record.draft_source.endswith("\n"))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        for row in await flow_rows(session):
            typer.echo(f"{row.name}\t{row.state}")


async def _switch(name: str, *, paused: bool) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            change = flows.pause if paused else flows.resume
            await change(session, SYSTEM, name, runtime.now())
        if not paused:
            drivers = runtime.settings.drivers
            flows.poke_all(
                runtime.pokes,
                name,
                advance_shards=drivers.advance_shards,
                perform_shards=drivers.perform_shards,
            )
    typer.echo(f'"{name}" is {"paused" if paused else "active"}.')


def show(problems: tuple[FlowProblem, ...] | list[FlowProblem]) -> None:
    for problem in problems:
        typer.echo(f"{problem.severity}: {problem}", err=True)
