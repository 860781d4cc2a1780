"""`cadenza insight`: figures of sales work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.insight import TABLES, Question, Wanted, write_down_forecast
from engine.services.insight.csv_text import Lines
from engine.services.insight.tables import usual_day_seconds
from engine.services.message_results.csv_text import table

app = typer.Typer(
    help="Forecast, conversion, bottlenecks, aging and performance.", no_args_is_help=True
)

Pipeline = Annotated[str | None, typer.Option(help="Only this pipeline.")]
Owner = Annotated[int | None, typer.Option(help="Only deals of this user.")]
Team = Annotated[str | None, typer.Option(help="Only deals of this team.")]
Manager = Annotated[int | None, typer.Option(help="Only deals of those who report to this user.")]
Since = Annotated[str | None, typer.Option(help="From this day on.")]
Until = Annotated[str | None, typer.Option(help="Before this day.")]
Period = Annotated[
    str | None, typer.Option(help='Instead of the two days: "2026", "2026-Q1" or "2026-03".')
]
By = Annotated[str | None, typer.Option(help="What is compared, such as owner or team.")]
Months = Annotated[int | None, typer.Option(help="How many months.")]
Csv = Annotated[Path | None, typer.Option(help="Write the figures to this file.")]


_SAYS: Final[Mapping[str, str]] = {
    "forecast": "Open deals by the month they are expected to close, weighted, and what was won.",
    "chances": "How likely deals on each stage are won: as stated, and as measured.",
    "accuracy": "What was said for each month when it began, against what was won in it.",
    "conversion": "How many deals went on from each stage, and how many were won in the end.",
    "bottlenecks": "How long deals stay on each stage, for whom longer, and a limit that fits.",
    "aging": "Open deals that have stood on their stage longest.",
    "performance": "What was won and lost, how much it was worth and how long it took.",
    "approvals": "How long approvals take, by chain, level and person.",
    "escalations": "How long it takes until a case is taken up.",
    "tickets": "How fast tickets are answered and solved.",
}


def _register(figures: str, says: str) -> None:
    @app.command(figures, help=f"{says} Amounts are minor units, times seconds.")
    def show(
        pipeline: Pipeline = None,
        owner: Owner = None,
        team: Team = None,
        manager: Manager = None,
        since: Since = None,
        until: Until = None,
        period: Period = None,
        by: By = None,
        months: Months = None,
        csv: Csv = None,
    ) -> None:
        question = Question(pipeline, owner, team, manager, _day(since), _day(until), period)
        run(_show(figures, question, by, months, csv))


for _figures, _says in _SAYS.items():
    _register(_figures, _says)


@app.command("write-down")
def write_down() -> None:
    """Write down today's forecast now. A worker does it every morning by itself."""
    run(_write_down())


async def _show(
    figures: str, question: Question, by: str | None, months: int | None, csv: Path | None
) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        zone = runtime.settings.company.default_zone
        day = await usual_day_seconds(session, runtime.plans.calendars)
        wanted = Wanted(question, runtime.now(), zone, day, by, months)
        lines = await TABLES[figures](session, SYSTEM, wanted)
    put_out(lines, csv)


async def _write_down() -> None:
    async with opened(temporal=False) as runtime:
        zone = runtime.settings.company.default_zone
        taken = await write_down_forecast(runtime.store, runtime.now(), zone)
    if taken.lines:
        typer.echo(f"The forecast of {taken.day} was written down in {taken.lines:,} lines.")
    else:
        typer.echo(f"The forecast of {taken.day} was written down before, or there is no deal.")


def put_out(lines: Lines, csv: Path | None) -> None:
    """To the screen, or to a file that a spreadsheet opens."""
    if csv is None:
        for line in lines:
            typer.echo("\t".join("-" if cell is None else str(cell) for cell in line))
        return
    # a spreadsheet knows by the mark that the file is UTF-8
    csv.write_text(table(lines), encoding="utf-8-sig", newline="")
    typer.echo(f"{len(lines) - 1} lines in {csv}.", err=True)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError as error:
        raise Refused(f'"{text}" is no day; write "2026-03-31".') from error
