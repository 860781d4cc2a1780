"""`cadenza simulate-sales`: a pipeline tried on the company's own deals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._moments import moment_from
from engine.cli._runtime import opened
from engine.definitions import Draft, read_definition
from engine.errors import NotFound
from engine.services.actor import SYSTEM
from engine.services.insight.trial import Trial, try_pipeline

app = typer.Typer(help="Try a pipeline on deals, on a virtual clock.", add_completion=False)

_NOTHING: Final = "-"


@app.command()
def simulate_sales(
    pipeline: Annotated[str, typer.Argument(help="The pipeline, by its key.")],
    since: Annotated[
        str | None,
        typer.Option(
            help="Where to begin: a day of the past is played again with what deals did since. "
            "Now, where it is left out: then nobody touches anything."
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="How long.")] = 91,
    file: Annotated[
        list[Path] | None,
        typer.Option(help="Try this definition instead of the published one; may be repeated."),
    ] = None,
    show: Annotated[int, typer.Option(help="How many deals are listed.")] = 20,
) -> None:
    """Which deals would rot, which alerts come, and whom it reaches. Nothing is written or sent."""
    run(_simulate(pipeline, since, days, file or [], show))


async def _simulate(
    pipeline: str, since: str | None, days: int, files: Iterable[Path], show: int
) -> None:
    drafts = [_draft(file) for file in files]
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        start = moment_from(since) if since else runtime.now()
        zone = runtime.settings.company.default_zone
        length = timedelta(days=days)
        trial = await try_pipeline(session, SYSTEM, pipeline, start, length, zone, drafts=drafts)
    for table in tables(trial, show):
        Console().print(table)


def _draft(file: Path) -> Draft:
    try:
        text = file.read_bytes()
    except OSError as error:
        raise NotFound(f"There is no file {file}, or it may not be read.") from error
    return read_definition(text, str(file))


def tables(trial: Trial, show: int) -> list[Table]:
    """What happened by stage, whom it reached, and the deals that rot."""
    report = trial.report
    length = (report.until - report.start).days
    head = f"{report.deals:,} deals, {length} days from {report.start:%Y-%m-%d}"
    if trial.left_out:
        head += f"; {trial.left_out:,} more deals were left out"
    return [_by_stage(trial, head), _by_person(trial), _rotten(trial, show)]


_WHAT: Final = ("alert", "rot", "escalated", "held", "unanswered", "moved_by_itself")


def _by_stage(trial: Trial, head: str) -> Table:
    table = Table(
        "Stage", "Alerted", "Rotten", "Escalated", "Nobody there", "Unanswered", "Moved", title=head
    )
    for stage, counted in trial.report.by_stage().items():
        table.add_row(escape(stage), *(f"{counted[what]:,}" for what in _WHAT))
    return table


def _by_person(trial: Trial) -> Table:
    table = Table("Told", "Alerts", "Rot", "Escalations", title="Whom it reaches")
    told = trial.report.told()
    for person in sorted(told, key=lambda one: -told[one].total()):
        counted = told[person]
        name = escape(trial.people.get(person, str(person)))
        table.add_row(name, *(f"{counted[what]:,}" for what in ("alert", "rot", "escalated")))
    return table


def _rotten(trial: Trial, show: int) -> Table:
    found = trial.report.rotten()
    title = f"Deals that rot: {len(found):,}" + (f", the first {show}" if len(found) > show else "")
    table = Table("Deal", "Stage", "First", "Times", "Level", "Told", title=title)
    for one in found[:show]:
        names = ", ".join(trial.people.get(person, str(person)) for person in one.told)
        table.add_row(
            escape(f"{one.deal_id} {trial.courses[one.deal_id].name}"),
            escape(one.stage),
            f"{one.first_at:%Y-%m-%d}",
            str(one.times),
            str(one.highest_level) if one.highest_level else _NOTHING,
            escape(names) or _NOTHING,
        )
    return table
