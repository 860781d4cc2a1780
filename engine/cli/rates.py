"""`cadenza rates`: what currencies were worth in the base currency."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.derived_facts import import_rates, list_rates

app = typer.Typer(help="Exchange rates to the base currency.", no_args_is_help=True)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns day, currency, rate.")],
) -> None:
    """Load rates: on DAY one of CURRENCY was worth RATE of the base currency."""
    run(_import(file))


@app.command(name="list")
def list_() -> None:
    """The newest rate of each currency."""
    run(_list())


async def _import(file: Path) -> None:
    async with opened(temporal=False) as runtime:
        base = runtime.settings.company.base_currency
        partitions = runtime.settings.drivers.dispatch_partitions
        report = await import_rates(
            runtime.store, SYSTEM, file, base, runtime.now(), partitions=partitions
        )
    typer.echo(
        f"{report.rates:,} rates to {report.base}: {report.changed:,} new or changed. "
        f"{report.rewritten:,} amounts converted again."
    )


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        base = runtime.settings.company.base_currency
        found = await list_rates(session, SYSTEM, base)
    table = Table("Currency", "Newest day", f"Worth in {base}", "Days")
    for rate in found:
        table.add_row(rate.currency, rate.day.isoformat(), f"{rate.rate:f}", f"{rate.days:,}")
    Console().print(table)
