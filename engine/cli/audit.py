"""`cadenza audit`: who changed what; searched, exported, checked."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.audit_log.exporting import export_audit
from engine.services.audit_log.sealing import SEALED_AT_ONCE, seal_pending
from engine.services.audit_log.searching import AuditQuery, search_audit, usual_query
from engine.services.audit_log.verifying import Verified, verify_audit

app = typer.Typer(help="Who changed what.", no_args_is_help=True)

Since = Annotated[datetime | None, typer.Option(help="From then on (UTC); 30 days ago otherwise.")]
Until = Annotated[datetime | None, typer.Option(help="Until before then (UTC).")]
Who = Annotated[str, typer.Option(help="Part of a person's name.")]
Verb = Annotated[str, typer.Option(help="What was done, such as edit.")]
Kind = Annotated[str, typer.Option(help="To what kind of thing, such as deal.")]
Subject = Annotated[str, typer.Option(help="To which, by its id.")]
Words = Annotated[str, typer.Option(help="In names, ids, reasons and values.")]


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option(help="A seal that you kept: it must be there still.")
    ] = None,
) -> None:
    """Compare every row with its seal. Names what was changed, removed or inserted, and leaves
    with 1."""
    run(_verify(head))


@app.command()
def search(
    who: Who = "",
    verb: Verb = "",
    kind: Kind = "",
    subject: Subject = "",
    words: Words = "",
    since: Since = None,
    until: Until = None,
    most: Annotated[int, typer.Option(help="How many rows.")] = 50,
) -> None:
    """The newest first."""
    run(_search(_Asked(who, verb, kind, subject, words, since, until), most))


@app.command()
def export(
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "jsonl",
    to: Annotated[Path | None, typer.Option(help="The file; otherwise it is printed.")] = None,
    who: Who = "",
    verb: Verb = "",
    kind: Kind = "",
    subject: Subject = "",
    words: Words = "",
    since: Since = None,
    until: Until = None,
) -> None:
    """The rows as a file, the oldest first, at most 100,000."""
    run(_export(_Asked(who, verb, kind, subject, words, since, until), form, to))


class _Asked:
    def __init__(
        self,
        who: str,
        verb: str,
        kind: str,
        subject: str,
        words: str,
        since: datetime | None,
        until: datetime | None,
    ) -> None:
        self.named = {
            "actor": who,
            "verb": verb,
            "kind": kind,
            "subject": subject,
            "words": words,
        }
        self.times = {
            name: at.replace(tzinfo=UTC)
            for name, at in (("since", since), ("until", until))
            if at is not None
        }

    def query(self, runtime: Runtime) -> AuditQuery:
        usual = usual_query(runtime.now())
        # the names are those of the query
        return replace(usual, **self.named, **self.times)  # type: ignore[arg-type]


async def _verify(head: str | None) -> None:
    async with opened(temporal=False) as runtime:
        while True:
            async with runtime.store.transaction() as session:
                if await seal_pending(session, runtime.now()) < SEALED_AT_ONCE:
                    break
        async with runtime.store.transaction() as session:
            found = await verify_audit(session, SYSTEM, known_head=head)
    if not found.whole:
        raise Refused("The audit is not what was sealed.", _problems(found))
    typer.echo(f"{found.rows} rows of {found.days} days are as they were sealed.")
    if found.cleared:
        typer.echo(f"What {found.cleared} of them said was cleared by erasing people.")
    typer.echo(f"Keep this elsewhere: {found.head}")


def _problems(found: Verified) -> list[Problem]:
    problems = [
        Problem(
            f"row {one.audit_id}" if one.audit_id is not None else f"day {one.day or '?'}",
            one.fault,
            one.fault.replace("_", " "),
        )
        for one in found.findings
    ]
    if found.more:
        problems.append(Problem("", "more", f"{found.more} more are not listed."))
    return problems


async def _search(asked: _Asked, most: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        page = await search_audit(session, SYSTEM, asked.query(runtime), limit=most)
    table = Table("Row", "When (UTC)", "Who", "Did", "To", "Door", "Why")
    for one in page.rows:
        cells = (
            *(str(one.id), f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", one.actor_name, one.verb),
            *(f"{one.subject_kind} {one.subject_id}", one.door or "", one.why or ""),
        )
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)


async def _export(asked: _Asked, form: str, to: Path | None) -> None:
    async with opened(temporal=False) as runtime:
        if to is None:
            await _written(runtime, asked, form, sys.stdout.buffer)
            return
        with to.open("wb") as file:
            await _written(runtime, asked, form, file)


async def _written(runtime: Runtime, asked: _Asked, form: str, file: BinaryIO) -> None:
    async with runtime.store.transaction() as session:
        async for piece in export_audit(session, SYSTEM, asked.query(runtime), form):
            file.write(piece)
