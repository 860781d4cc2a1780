"""`cadenza hook mapping` and `try`: what the documents of a source mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli._given import as_lines, json_in, text_in
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services import hooks
from engine.services.actor import SYSTEM
from engine.services.hooks import Tried, TriedDocument

Name = Annotated[str, typer.Argument(help="The source's name, which ends its address.")]
NOT_SAVED = "The mapping was not saved."
NOT_TRIED = "The sample was not tried."


def mapping(
    name: Name,
    file: Annotated[
        Path | None, typer.Argument(help="A JSON file; without it the mapping is printed.")
    ] = None,
) -> None:
    """Print how documents of a source are read, or read them so from now on."""
    if file is None:
        run(_show(name))
    else:
        run(_set(name, json_in(file, NOT_SAVED)))


def try_(
    name: Name,
    sample: Annotated[Path, typer.Argument(help="A file with a document as it is sent.")],
    mapping: Annotated[
        Path | None, typer.Option(help="A JSON file to read it by, instead of what is set.")
    ] = None,
) -> None:
    """Say what a document would become. Nothing is written; ends with 1 when it is refused."""
    given = None if mapping is None else json_in(mapping, NOT_TRIED)
    run(_try(name, text_in(sample, NOT_TRIED), given))


async def _show(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await hooks.read_source(session, SYSTEM, name)
    typer.echo(as_lines(found.mapping.as_json()))


async def _set(name: str, given: Any) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await hooks.set_mapping(session, SYSTEM, name, given)
    typer.echo(f"Documents of {name} are read so from now on.")


async def _try(name: str, sample: str, given: Any) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await hooks.read_source(session, SYSTEM, name)
        wanted = found.mapping.as_json() if given is None else given
        tried = await hooks.try_mapping(session, SYSTEM, wanted, sample, runtime.now())
    _tell(tried)
    if any(one.event is None for one in tried.documents):
        raise typer.Exit(1)


def _tell(tried: Tried) -> None:
    for one in tried.documents:
        for problem in one.problems:
            typer.echo(f"{problem} ({problem.code})", err=True)
        if one.event is None:
            typer.echo("Would be refused.", err=True)
        else:
            typer.echo(as_lines(_said(one)))
    if tried.count > len(tried.documents):
        typer.echo(f"{len(tried.documents)} of {tried.count} documents.", err=True)


def _said(one: TriedDocument) -> dict[str, Any]:
    return {
        "event": one.event,
        "occurred_at": one.occurred_at,
        "contact": dict(one.contact),
        "contact_id": one.contact_id,
        "fields": dict(one.fields),
        "properties": dict(one.properties),
    }
