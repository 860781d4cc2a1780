"""`cadenza doctor`: what is wrong with this set-up, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from engine.cli import _answers, _checks, _doors
from engine.cli._checks import Finding, Verdict
from engine.cli._kept import kept
from engine.cli._loop import run
from engine.cli._runtime import joined
from engine.embedded.data_dir import DataDir
from engine.errors import SettingsRefused
from engine.settings import Settings, load

MARKS = {Verdict.OK: "ok   ", Verdict.NOTE: "note ", Verdict.WRONG: "WRONG"}

app = typer.Typer(help="Say what is wrong and what to do.")


@app.command()
def doctor() -> None:
    """Look at everything Cadenza needs. Changes nothing; exit code 1 when something is wrong."""
    verdicts = set()
    for finding in examine():
        verdicts.add(finding.verdict)
        typer.echo(f"{MARKS[finding.verdict]} {finding.what}")
    if Verdict.WRONG in verdicts:
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Every finding, in the order in which one would set things right."""
    yield _checks.python()
    yield from _checks.misspelt_settings()
    try:
        settings = load()
    except SettingsRefused as refused:
        yield from (_checks.wrong(f"Setting {problem}") for problem in refused.problems)
        return
    data = DataDir(settings.data.folder)
    yield _checks.data_folder(data)
    yield _checks.disk(data.root)
    yield from _checks.ports(settings, data)
    yield _checks.public_url(settings)
    yield from _checks.keys(settings)
    yield from _doors.strength(settings)
    yield from _doors.doors(settings)
    yield from _doors.outgoing(settings)
    yield from _doors.files(settings, data)
    yield from _doors.traces()
    yield _answers.templates()
    yield from _others(settings, data)


def _others(settings: Settings, data: DataDir) -> Iterator[Finding]:
    running = data.running()
    if running is not None:
        settings = joined(settings, data, running)
    if settings.database.url is None:
        yield _checks.ok("PostgreSQL: the embedded one, started by `cadenza up`.")
    else:
        yield from _database(settings, settings.database.url.get_secret_value())
    if settings.temporal.address is None:
        yield _checks.ok("Temporal: the embedded one, started by `cadenza up`.")
    else:
        yield run(_answers.temporal(settings))
    yield _answers.mail_server(settings.delivery)


def _database(settings: Settings, url: str) -> Iterator[Finding]:
    found = list(_answers.database(url))
    yield from found
    if all(one.verdict is not Verdict.WRONG for one in found):
        yield from run(kept(settings))
