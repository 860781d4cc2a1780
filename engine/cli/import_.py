"""`cadenza import`: a file of records into the store."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import NotFound
from engine.runtime import templates_folder
from engine.services.actor import SYSTEM
from engine.services.imports import (
    Fate,
    ImportOrder,
    ImportReport,
    Mapping,
    import_file,
    load_mapping,
    preview_file,
)
from engine.services.imports import Progress as Done

app = typer.Typer(help="Import a file of records: CSV, XLSX, or fixed columns.")


@app.command()
def import_(
    file: Annotated[Path, typer.Argument(help="The file to read.")],
    kind: Annotated[
        str | None,
        typer.Option("--as", help="contacts, accounts, deals, orders, products, users or tickets."),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option("--map", help="A mapping file, or the name of one that Cadenza brings along."),
    ] = None,
    preview: Annotated[bool, typer.Option(help="Show the first lines; write nothing.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Do it all and take it back.")] = False,
    fire: Annotated[
        bool, typer.Option(help="Write events, so that flows may start. Without it none does.")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Where lines that did not go in are written (FILE.rejected.csv)."),
    ] = None,
) -> None:
    """Import FILE. Importing the same file again changes nothing."""
    order = ImportOrder(
        path=file,
        kind=kind,
        mapping=_mapping(mapping) if mapping else None,
        dry_run=dry_run,
        rejects=rejects or _beside(file),
    )
    run(_preview(order) if preview else _import(order, fire=fire))


def _beside(file: Path) -> Path:
    """Next to the file, or here when its folder only lets us read."""
    folder = file.parent if os.access(file.parent, os.W_OK) else Path.cwd()
    return folder / f"{file.name}.rejected.csv"


def _mapping(name: str) -> Mapping:
    path = Path(name)
    shipped = templates_folder() / "imports"
    if not path.exists() and path.name == name:
        path = shipped / f"{path.stem}.yaml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in shipped.glob("*.yaml")))
        raise NotFound(f"There is no mapping file {name}. Cadenza brings along: {known}.")
    return load_mapping(path)


async def _preview(order: ImportOrder) -> None:
    async with opened(temporal=False) as runtime:
        report = await preview_file(runtime.store, SYSTEM, order, runtime.now)
    names = list(dict.fromkeys(name for line in report.preview for name in line.fields))
    table = Table("line", "", *names, title=f"{report.format}: the first lines")
    for line in report.preview:
        cells = [line.fields.get(name, "") for name in names]
        table.add_row(str(line.number), line.fate.value, *map(_literally, cells))
    console = Console()
    console.print(table)
    for number, problem in report.first_problems:
        typer.echo(f"line {number}, {problem}")
    typer.echo("Nothing was written.")


async def _import(order: ImportOrder, *, fire: bool) -> None:
    async with opened(temporal=fire) as runtime:
        partitions = runtime.settings.drivers.dispatch_partitions
        with _bar(order.path.name) as bar:
            task = bar.add_task(order.path.name, total=None, lines=0)

            def show(done: Done) -> None:
                bar.update(task, completed=done.done, total=done.size, lines=done.lines)

            report = await import_file(
                runtime.store, SYSTEM, _with(order, partitions, fire=fire), runtime.now, show
            )
        runtime.pokes.dispatch(report.partitions)
    _say(report)


def _with(order: ImportOrder, partitions: int, *, fire: bool) -> ImportOrder:
    """Without events exit rules are asked all the same."""
    return replace(order, fire=partitions if fire else None, ask=partitions)


def _bar(_name: str) -> Progress:
    """Shown on a terminal only, and on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} % · {task.fields[lines]:,} lines"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _say(report: ImportReport) -> None:
    counts = ", ".join(
        f"{report.count(fate):,} {fate.value}"
        for fate in Fate
        if report.count(fate) or fate in (Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED)
    )
    rate = report.lines / report.seconds if report.seconds else 0
    typer.echo(
        f"{report.lines:,} lines of {report.kind}: {counts}. "
        f"{report.seconds:.1f} s, {rate:,.0f} lines/s."
    )
    for noun, count in report.also_created.items():
        typer.echo(f"Made on the way: {count:,} {noun}(s).")
    if report.events:
        typer.echo(f"{report.events:,} events written; flows may start.")
    for number, problem in report.first_problems:
        typer.echo(f"  line {number}, {problem}")
    if report.rejects:
        typer.echo(f"Lines to mend, with reasons: {report.rejects}")
    if report.dry_run:
        typer.echo("This was a dry run: nothing was kept.")


def _literally(text: str) -> str:
    """A cell is data: square brackets in it are not markup."""
    return text.replace("[", r"\[")
