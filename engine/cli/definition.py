"""`cadenza definition`: pipelines, approval chains, escalation policies, assignment rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._flow_text import text_of, write_out
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.definitions import DefinitionKind, DefinitionRefused, Draft, World, read_definition
from engine.definitions.diff import differences
from engine.errors import Problem, Refused
from engine.flows.problems import did_you_mean
from engine.services.actor import SYSTEM
from engine.services.definitions import list_definitions, versions
from engine.services.definitions.checking import (
    checked_model,
    warnings_about,
    with_names,
    world_now,
)
from engine.services.definitions.publishing import publish as publish_definition
from engine.services.definitions.publishing import retire, source_of

app = typer.Typer(
    help="Rules of work: pipelines, approvals, escalations, assignment.", no_args_is_help=True
)

Files = Annotated[list[Path], typer.Argument(help="Files, or folders of them.")]
Called = Annotated[str, typer.Argument(help="KIND/NAME, such as pipeline/b2b.")]
Version = Annotated[int | None, typer.Option("--version", help="This one, not the one in force.")]


@app.command()
def check(
    files: Files,
    here: Annotated[
        bool, typer.Option("--here", help="With the people, calendars and fields of this database.")
    ] = False,
) -> None:
    """Tell every mistake with file and line, and what may be one. Nothing is stored."""
    run(_check(files, here))


@app.command()
def publish(
    files: Files,
    note: Annotated[str | None, typer.Option(help="Why, for the list of versions.")] = None,
) -> None:
    """Put files in force: what begins from now on goes by them, what has begun does not. All of
    them, or none."""
    run(_publish(files, note))


@app.command(name="list")
def list_(
    kind: Annotated[str | None, typer.Argument(help="One kind, such as pipeline.")] = None,
) -> None:
    """What is in force, and what is retired."""
    run(_list(kind))


@app.command()
def show(called: Called, version: Version = None) -> None:
    """Print a definition as it was published."""
    run(_export(called, version, None))


@app.command(name="versions")
def versions_(called: Called) -> None:
    """Every published version, newest first."""
    run(_versions(called))


@app.command()
def diff(called: Called, before: int, after: int) -> None:
    """What differs between two versions, place by place. Ends with 1 when something does."""
    if run(_diff(called, before, after)):
        raise typer.Exit(1)


@app.command()
def export(
    called: Called,
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
    version: Version = None,
) -> None:
    """Write a definition as a file; publishing it gives the same version."""
    run(_export(called, version, out))


@app.command(name="retire")
def retire_(called: Called) -> None:
    """Let nothing begin by it any more; what has begun goes on."""
    run(_retire(called))


async def _check(files: Sequence[Path], here: bool) -> None:
    drafts = _drafts(files)
    if here:
        async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
            world = with_names(await world_now(session), drafts)
    else:
        world = World()
    checked = [(draft, *checked_model(draft, world)) for draft in drafts]
    _refuse([one for *_, problems in checked for one in problems])
    for draft, model, _ in checked:
        _warn(warnings_about(draft, model, world))
        typer.echo(f'{draft.places.file}: {draft.kind.spoken} "{draft.name}" is right.')


async def _publish(files: Sequence[Path], note: str | None) -> None:
    drafts = _drafts(files)
    told = []
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        world = with_names(await world_now(session), drafts)
        for draft in drafts:
            done = await publish_definition(
                session, SYSTEM, draft, note=note, now=runtime.now(), world=world
            )
            state = "is in force" if done.changed else "was in force already"
            told.append(f'{draft.kind.spoken} "{draft.name}": version {done.number} {state}.')
            _warn(done.warnings)
    for line in told:
        typer.echo(line)


async def _list(kind: str | None) -> None:
    wanted = None if kind is None else _kind(kind)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_definitions(session, SYSTEM, wanted)
    table = Table("Kind", "Name", "Label", "Version", "State", "Published", "By")
    for line in found:
        when = f"{line.published_at:%Y-%m-%d %H:%M} UTC"
        by = line.published_by or "-"
        table.add_row(line.kind, line.name, line.label, str(line.number), line.state, when, by)
    Console().print(table)


async def _versions(called: str) -> None:
    kind, name = _named(called)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await versions(session, SYSTEM, kind, name)
    table = Table("Version", "Text", "Published", "By", "Note", "In force")
    for line in found:
        when = f"{line.published_at:%Y-%m-%d %H:%M} UTC"
        in_force = "yes" if line.is_current else ""
        by, note = line.published_by or "-", line.note or ""
        table.add_row(str(line.number), line.hash, when, by, note, in_force)
    Console().print(table)


async def _diff(called: str, before: int, after: int) -> bool:
    kind, name = _named(called)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        texts = [await source_of(session, SYSTEM, kind, name, one) for one in (before, after)]
    old, new = (read_definition(text, f"{name}.yaml").document for text in texts)
    found = differences(old, new)
    for one in found:
        typer.echo(f"{one.pointer}: {_said(one.before)} -> {_said(one.after)}")
    return bool(found)


async def _export(called: str, number: int | None, out: Path | None) -> None:
    kind, name = _named(called)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        text = await source_of(session, SYSTEM, kind, name, number)
    write_out(text if text.endswith("\n") else f"{text}\n", out)


async def _retire(called: str) -> None:
    kind, name = _named(called)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await retire(session, SYSTEM, kind, name, now=runtime.now())
    typer.echo(f'The {kind.spoken} "{name}" is retired.')


def _drafts(files: Iterable[Path]) -> list[Draft]:
    """Every file read; refused with the mistakes of all of them."""
    drafts, problems = [], list[Problem]()
    for file in _each(files):
        try:
            drafts.append(read_definition(text_of(file), str(file)))
        except DefinitionRefused as refused:
            problems += refused.problems
    _refuse(problems)
    return drafts


def _each(files: Iterable[Path]) -> list[Path]:
    found = [
        one for file in files for one in (sorted(file.rglob("*.yaml")) if file.is_dir() else [file])
    ]
    if not found:
        raise Refused("There is no definition there. Name files, or folders of .yaml files.")
    return found


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
        raise DefinitionRefused(f"The definitions have {count}.", problems)


def _warn(warnings: Iterable[Problem]) -> None:
    for one in warnings:
        typer.echo(f"warning: {one.place}: {one.message}", err=True)


def _named(called: str) -> tuple[DefinitionKind, str]:
    kind, slash, name = called.partition("/")
    if not slash:
        raise Refused(f'"{called}" has no kind; write one such as pipeline/{called}.')
    return _kind(kind), name


def _kind(text: str) -> DefinitionKind:
    kinds = [kind.value for kind in DefinitionKind]
    if text not in kinds:
        raise Refused(f'"{text}" is no kind of definition; {did_you_mean(text, kinds)}')
    return DefinitionKind(text)


def _said(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:99]}…"
