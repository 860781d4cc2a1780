"""`cadenza bi`: rows for reports elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_store.bi import PERSONAL, VIEWS
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Refused
from engine.services.actor import SYSTEM

app = typer.Typer(help="Rows for reports elsewhere.", no_args_is_help=True)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="The folder to write Parquet files into.")],
    with_personal: Annotated[
        bool, typer.Option("--with-personal", help="Names, addresses and birthdays too.")
    ] = False,
) -> None:
    """Write every view as a Parquet file, all of one moment."""
    run(_export(folder, with_personal))


@app.command()
def views() -> None:
    """The views that reports may count on."""
    for view, about in {**VIEWS, **PERSONAL}.items():
        typer.echo(f"{view}\t{about}")


async def _export(folder: Path, personal: bool) -> None:
    try:
        from engine.services.bi.parquet import export_views
    except ModuleNotFoundError as error:
        raise Refused(
            'Parquet files need pyarrow. Install it with `pip install "cadenza[parquet]"`.'
        ) from error
    async with opened(temporal=False) as runtime:
        done = await export_views(runtime.store, SYSTEM, folder, runtime.now(), personal=personal)
    for view, count in done.rows.items():
        typer.echo(f"{view}\t{count}")
    typer.echo(f"{done.folder} has {len(done.rows)} files and index.json.", err=True)
