"""`cadenza template`: message templates of the files and of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem
from engine.services.actor import SYSTEM
from engine.services.templates import drafts, publishing, trying
from engine.services.templates.checking import Checked
from engine.services.templates.exporting import read_folder_of, write_folder

app = typer.Typer(help="Message templates, their drafts and versions.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The template's name.")]
Folder = Annotated[
    Path, typer.Argument(help="A template's folder, such as templates/messages/offer.")
]
Version = Annotated[
    int | None, typer.Option("--version", help="A published version; without it the draft.")
]


@app.command(name="list")
def list_() -> None:
    """All templates: where they are kept, and which version is sent."""
    run(_list())


@app.command()
def show(name: Name, version: Version = None) -> None:
    """One template: its texts as they are edited, or as they were published."""
    run(_show(name, version))


@app.command()
def check(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of templates, such as templates/messages/offer.")
    ],
) -> None:
    """Say what must be mended in templates, and what would be better. Nothing is stored."""
    run(_check(folders))


@app.command()
def render(
    name: Annotated[str, typer.Argument(help="The template's name, or its folder.")],
    language: Annotated[str, typer.Option(help="The contact's language, such as zh-Hant.")] = "en",
    zone: Annotated[str, typer.Option(help="The contact's time zone.")] = "UTC",
    html: Annotated[bool, typer.Option("--html", help="The letter's HTML and nothing else.")] = (
        False
    ),
) -> None:
    """Write a template for the made-up contact. Nothing is sent."""
    folder = Path(name) if Path(name).is_dir() else None
    run(_render(name, folder, language, zone, html=html))


@app.command(name="import")
def import_(
    folders: Annotated[list[Path], typer.Argument(help="Folders of templates to keep as drafts.")],
    publish: Annotated[bool, typer.Option("--publish", help="Send them from now on too.")] = False,
) -> None:
    """Keep folders as drafts in the database, each under its folder's name."""
    run(_import(folders, publish=publish))


@app.command()
def export(
    name: Name,
    into: Annotated[Path, typer.Argument(help="A folder to make the template's folder in.")],
    version: Version = None,
) -> None:
    """Write a template's texts into a folder of its name; `import` reads them back unchanged."""
    run(_export(name, into, version))


@app.command()
def publish(name: Name, version: Version = None) -> None:
    """Send the draft from now on, or an older version again."""
    run(_publish(name, version))


@app.command()
def versions(name: Name) -> None:
    """The published versions of a template, newest first."""
    run(_versions(name))


@app.command()
def retire(name: Name) -> None:
    """Send a template no more; files of the same name are sent again."""
    run(_retire(name))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await drafts.list_templates(session, SYSTEM, runtime.library)
    table = Table("Name", "Label", "Purpose", "Kept in", "State", "Sent", "Changed")
    for one in found:
        label = (one.meta.label.en, one.meta.purpose) if one.meta else ("-", "-")
        kept = "database, over a file" if one.covers_file else one.origin
        when = _moment(one.updated_at)
        table.add_row(one.name, *label, kept, one.state, one.version or "-", when)
    Console().print(table)


async def _show(name: str, version: int | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if version is not None:
            files = await publishing.files_of_version(session, SYSTEM, name, version)
        else:
            seen = await drafts.see_template(session, SYSTEM, runtime.library, name)
            files, one = seen.files, seen.summary
            typer.echo(f"{name}: {one.origin}, {one.state}, sent: {one.version or 'nothing'}")
    for file in sorted(files):
        typer.echo(f"--- {file}")
        typer.echo(files[file], nl=not files[file].endswith("\n"))


async def _check(folders: Sequence[Path]) -> None:
    refused = False
    async with opened(temporal=False) as runtime:
        transaction, library = runtime.store.transaction, runtime.library
        for folder in folders:
            name, files = read_folder_of(folder)
            found = await drafts.check_files(transaction, SYSTEM, library, name, files)
            refused = refused or bool(found.problems)
            _tell(name, found)
    if refused:
        raise typer.Exit(1)


async def _render(name: str, folder: Path | None, language: str, zone: str, *, html: bool) -> None:
    files = None
    if folder is not None:
        name, files = read_folder_of(folder)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        letter = await trying.render_template(
            session, SYSTEM, runtime.library, name, files=files, language=language, zone=zone
        )
    if html:
        typer.echo(letter.html)
        return
    typer.echo(f"Subject: {letter.subject}")
    if letter.preheader:
        typer.echo(f"Preheader: {letter.preheader}")
    typer.echo(f"Language: {letter.language}\n\n{letter.text}", nl=False)
    if letter.short_text is not None and letter.html:
        typer.echo(f"\nShort: {letter.short_text}")


async def _import(folders: Sequence[Path], *, publish: bool) -> None:
    async with opened(temporal=False) as runtime:
        for folder in folders:
            name, files = read_folder_of(folder)
            async with runtime.store.transaction() as session:
                saved = await drafts.save_template(
                    session,
                    SYSTEM,
                    runtime.library,
                    name,
                    files,
                    now=runtime.now(),
                    seen=drafts.ANYTHING,
                )
            _tell(name, saved.checked)
            typer.echo(f'"{name}" is kept as a draft.')
            if publish:
                await _publish(name, None)


async def _export(name: str, into: Path, version: int | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if version is None:
            seen = await drafts.see_template(session, SYSTEM, runtime.library, name)
            files = seen.files
        else:
            files = await publishing.files_of_version(session, SYSTEM, name, version)
    typer.echo(f"Written to {write_folder(into, name, files)}.")


async def _publish(name: str, version: int | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        done = await publishing.publish_template(
            session, SYSTEM, runtime.library, name, now=runtime.now(), number=version
        )
    again = "is what is sent already" if done.unchanged else "is sent from now on"
    typer.echo(f'Version {done.number} of "{name}" {again}.')


async def _versions(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        seen = await drafts.see_template(session, SYSTEM, runtime.library, name)
    table = Table("Version", "Text", "Published", "By", "Sent")
    for one in seen.versions:
        sent = "yes" if one.is_sent else ""
        by = one.published_by or "-"
        table.add_row(str(one.number), one.hash, _moment(one.published_at), by, sent)
    Console().print(table)


async def _retire(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await publishing.retire_template(session, SYSTEM, runtime.library, name, now=runtime.now())
    typer.echo(f'"{name}" is sent no more.')


def _tell(name: str, found: Checked) -> None:
    for said, problems in (("to mend", found.problems), ("better", found.warnings)):
        for problem in problems:
            typer.echo(f"{name}: {said}: {_line(problem)}", err=said == "to mend")
    if not found.problems:
        typer.echo(f"{name}: {', '.join(found.languages)}; {found.bytes:,} bytes at most.")


def _line(problem: Problem) -> str:
    return f"{problem} [{problem.code}]"


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")
