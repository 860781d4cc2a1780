"""`cadenza flow`: check, publish, retire, pause and resume flows; export, compare and move them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crm_store.flows import flow_rows
from engine.cli import _flow_enrol, _flow_files, _flow_goal, _flow_move
from engine.cli._flow_node import switch_node
from engine.cli._flow_text import is_file, show
from engine.cli._flow_text import text_of as text_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli.schedule import show_next_times
from engine.flows.load import read_flow
from engine.flows.problems import FlowProblem, FlowRefused, Severity
from engine.runtime import Runtime
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.flow_checks import busiest, flow_findings
from engine.services.plans import current_catalogue
from engine.services.views.flows import flow_page
from engine.steps import STEP_KINDS

app = typer.Typer(help="Flows as files.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The flow's name.")]
Node = Annotated[str | None, typer.Option(help="Only this node.")]


app.command()(_flow_files.export)
app.command()(_flow_files.diff)
app.command()(_flow_files.plan)
app.add_typer(_flow_move.app, name="move")
app.command()(_flow_enrol.enrol)
app.command()(_flow_enrol.enrolments)
app.command()(_flow_goal.goal)
app.command()(_flow_goal.winner)


@app.command()
def check(files: Annotated[list[Path], typer.Argument(help="Flow files, in YAML.")]) -> None:
    """Say everything that is wrong with flow files, by line. Nothing is stored."""
    run(_check(files))


@app.command()
def publish(
    file: Annotated[str, typer.Argument(help="The flow's YAML file, or NAME@3 for a version.")],
) -> None:
    """Save a flow file as draft and publish it, or publish an older version again. An unchanged
    flow makes no new version.
    """
    run(_publish(file))


@app.command()
def versions(name: Name) -> None:
    """The versions of a flow, and how many people are in each."""
    run(_versions(name))


@app.command()
def retire(name: Name) -> None:
    """Let nobody enter any more; those inside finish."""
    run(_retire(name))


@app.command(name="list")
def list_() -> None:
    """Names and states of all flows."""
    run(_list())


@app.command()
def pause(name: Name, node: Node = None) -> None:
    """Hold everybody where they are, or whoever stands on one node or comes to it."""
    run(_switch(name, paused=True) if node is None else switch_node(name, node, paused=True))


@app.command()
def resume(name: Name, node: Node = None) -> None:
    """Let people move again."""
    run(_switch(name, paused=False) if node is None else switch_node(name, node, paused=False))


async def _check(files: list[Path]) -> None:
    failed = False
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        catalogue = await current_catalogue(session)
        for file in files:
            try:
                loaded = read_flow(
                    text_of(file), file=file.name, kinds=STEP_KINDS, catalogue=catalogue
                )
            except FlowRefused as refused:
                show(refused.flow_problems)
                failed = True
                continue
            flow = loaded.flow
            found = await flow_findings(session, flow, catalogue=catalogue, library=runtime.library)
            show(loaded.places.locate(problem) for problem in found)
            typer.echo(f'"{flow.name}": {len(flow.nodes)} nodes, {len(found)} findings.')
            a_day, a_week = (most if most is not None else "any number" for most in busiest(flow))
            typer.echo(f"Messages in one run at most: {a_day} a day, {a_week} a week.")
            show_next_times(flow.trigger, runtime.now())
            failed |= any(problem.severity is Severity.ERROR for problem in found)
    if failed:
        raise typer.Exit(1)


async def _publish(given: str) -> None:
    name, _, number = given.partition("@")
    older = int(number) if number.isdecimal() and not is_file(given) else None
    source = "" if older is not None else text_of(Path(given))
    async with opened() as runtime:
        problems: Sequence[FlowProblem] = ()
        async with runtime.store.transaction() as session:
            if older is None:
                saved = await flows.save_draft(
                    session, SYSTEM, source, library=runtime.library, file=Path(given).name
                )
                name, problems = saved.name, saved.problems
            published = await flows.publish(
                session,
                SYSTEM,
                name,
                plans=runtime.plans,
                library=runtime.library,
                now=runtime.now(),
                number=older,
            )
        show(problems)
        if published.enrolment_id is not None:
            runtime.pokes.audience(published.enrolment_id)
        runtime.pokes.due_dates()
    how = "is published already as" if published.unchanged else "is published as"
    typer.echo(f'"{published.name}" {how} version {published.number}.')
    if published.enrolment_id is not None:
        typer.echo("Everybody who matches its segment now is entering.")


async def _versions(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        page = await flow_page(session, SYSTEM, name)
    for version in page.versions:
        words = "published" if version.is_current and page.state != "retired" else "earlier"
        when = f"{version.published_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{version.number}\t{words}\t{when}\t{version.here} inside")
    if page.has_newer_draft:
        typer.echo("draft\tdiffers from what is published")


async def _retire(name: str) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            await flows.retire(session, SYSTEM, name, runtime.now())
        _poke_all(runtime, name)
    typer.echo(f'"{name}" is retired: nobody enters, those inside finish.')


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
            _poke_all(runtime, name)
    typer.echo(f'"{name}" is {"paused" if paused else "active"}.')


def _poke_all(runtime: Runtime, name: str) -> None:
    drivers = runtime.settings.drivers
    flows.poke_all(
        runtime.pokes,
        name,
        advance_shards=drivers.advance_shards,
        perform_shards=drivers.perform_shards,
    )
