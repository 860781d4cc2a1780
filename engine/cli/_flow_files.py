"""`cadenza flow export|diff|plan`: flows as files beside those that are stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._flow_lines import diff_lines, forecast_lines
from engine.cli._flow_text import is_file, show, text_of, write_out
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.flows.diff import diff_flows, text_diff
from engine.flows.load import load_flow
from engine.flows.problems import Severity
from engine.rules import Language
from engine.services.actor import SYSTEM
from engine.services.flow_files import NamedFlow, exported, forecast, named_flow
from engine.services.plans import current_catalogue
from engine.steps import STEP_KINDS

Called = Annotated[
    str, typer.Argument(help="A file, or a flow: NAME (what is published), NAME@3, NAME@draft.")
]
Chinese = Annotated[bool, typer.Option("--zh", help="Say it in Chinese.")]


def export(
    name: Annotated[str, typer.Argument(help="The flow's name.")],
    version: Annotated[
        int | None, typer.Option(help="This published version instead of the draft.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
) -> None:
    """Write the draft or a version as a file; loading it gives the same flow, by its hash."""
    run(_export(name, version, out))


def diff(
    before: Called,
    after: Called,
    text: Annotated[bool, typer.Option("--text", help="As a unified diff of the files.")] = False,
    chinese: Chinese = False,
) -> None:
    """What differs between two flows, node by node. Ends with 1 when something does."""
    run(_diff(before, after, text, "zh" if chinese else "en"))


def plan(
    file: Annotated[Path, typer.Argument(help="The flow's YAML file.")],
    chinese: Chinese = False,
) -> None:
    """What publishing a file would do, and to whom. Nothing is stored."""
    run(_plan(file, "zh" if chinese else "en"))


async def _export(name: str, number: int | None, out: Path | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        text = await exported(session, SYSTEM, name, number)
    write_out(text, out)


async def _diff(before: str, after: str, as_text: bool, language: Language) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        one, other = await _meant(session, before), await _meant(session, after)
        found = diff_flows(one.flow, other.flow, kinds=STEP_KINDS)
        catalogue = await current_catalogue(session)
    if as_text:
        typer.echo(text_diff(one.flow, other.flow, (one.label, other.label), STEP_KINDS), nl=False)
    else:
        for line in diff_lines(found, catalogue, language):
            typer.echo(line)
    if not found.is_empty:
        raise typer.Exit(1)


async def _meant(session: AsyncSession, called: str) -> NamedFlow:
    """A file if there is one of that name, else a flow that is stored."""
    if not is_file(called):
        return await named_flow(session, SYSTEM, called)
    catalogue = await current_catalogue(session)
    text, name = text_of(Path(called)), Path(called).name
    flow = load_flow(text, file=name, kinds=STEP_KINDS, catalogue=catalogue)
    return NamedFlow(flow, called)


async def _plan(file: Path, language: Language) -> None:
    source = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        told = await forecast(
            session,
            SYSTEM,
            source,
            file=file.name,
            library=runtime.library,
            now=runtime.now(),
            zone=runtime.settings.company.default_zone,
        )
    show(told.problems)
    for line in forecast_lines(told, language):
        typer.echo(line)
    if any(problem.severity is Severity.ERROR for problem in told.problems):
        raise typer.Exit(1)
