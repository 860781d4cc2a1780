"""`cadenza file`: documents and pictures that travel with letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from crm_store.files import FileRow
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import NotFound, Problem, Refused
from engine.services import files
from engine.services.actor import SYSTEM

app = typer.Typer(help="Documents and pictures that travel with letters.", no_args_is_help=True)
PAGE = 200

Name = Annotated[str, typer.Argument(help="The name by which templates mean the file.")]


@app.command()
def add(
    name: Name,
    path: Annotated[Path, typer.Argument(help="The file; its extension says its type.")],
    shown_as: Annotated[
        str | None, typer.Option(help="The name that readers see; else the file's own.")
    ] = None,
) -> None:
    """Keep a file as the next version of its name; the same file again changes nothing."""
    content_type = files.type_of_name(path.name)
    if content_type is None:
        problem = Problem(path.name, "type_not_taken", "has an extension that is not taken")
        raise Refused(f"{path} was not taken.", [problem])
    try:
        if path.stat().st_size > files.MOST_BYTES:
            raise Refused(f"{path} has more than {files.MOST_BYTES:,} bytes. Make it smaller.")
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.") from error
    run(_add(files.NewFile(name, content_type, content, shown_as or path.name)))


@app.command(name="list")
def list_() -> None:
    """Every file with its newest version."""
    run(_list())


@app.command()
def show(name: Name) -> None:
    """One file: its versions, and which templates name it."""
    run(_show(name))


@app.command()
def remove(name: Name) -> None:
    """Remove every version of a file that no template names."""
    run(_remove(name))


@app.command()
def prune(
    name: Name,
    keep: Annotated[int, typer.Option(min=1, help="So many of the newest versions stay.")] = 3,
) -> None:
    """Remove old versions of a file; letters carry the newest."""
    run(_prune(name, keep))


async def _add(new: files.NewFile) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        added = await files.add_file(session, SYSTEM, new, runtime.now())
    said = "is kept as" if added.fresh else "was there already as"
    typer.echo(f"{new.name} {said} version {added.file.version}: {added.file.file_name}.")


async def _list() -> None:
    found: list[FileRow] = []
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        while True:
            after = found[-1].name if found else ""
            page = await files.list_files(session, SYSTEM, after=after, limit=PAGE)
            found += page
            if len(page) < PAGE:
                break
    Console().print(_table(found))


async def _show(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        detail = await files.show_file(session, SYSTEM, name, runtime.library)
    Console().print(_table(detail.versions))
    for place in detail.used_by:
        typer.echo(f"wanted by {place}")


async def _remove(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        removed = await files.remove_file(session, SYSTEM, name, runtime.library)
    typer.echo(f"{name} is removed, with {removed} version{'' if removed == 1 else 's'}.")


async def _prune(name: str, keep: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        removed = await files.prune_file(session, SYSTEM, name, keep)
    typer.echo(f"{removed} version{'' if removed == 1 else 's'} of {name} removed.")


def _table(rows: tuple[FileRow, ...] | list[FileRow]) -> Table:
    table = Table("File", "Version", "Shown as", "Type", "Bytes", "Kept (UTC)", "By")
    for one in rows:
        table.add_row(
            one.name,
            str(one.version),
            one.file_name,
            one.content_type,
            f"{one.size_bytes:,}",
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.created_by,
        )
    return table
