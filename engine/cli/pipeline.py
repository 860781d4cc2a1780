"""`cadenza pipeline`: the stages deals stand on."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.deals.reading import list_pipelines, show_pipeline

app = typer.Typer(help="Pipelines and their stages.", no_args_is_help=True)


@app.command(name="list")
def list_() -> None:
    """All pipelines, the oldest first."""
    run(_list())


@app.command()
def show(pipeline: Annotated[str, typer.Argument(help="The key of the pipeline.")]) -> None:
    """The stages of a pipeline, in order."""
    run(_show(pipeline))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_pipelines(session, SYSTEM)
    table = Table("Pipeline", "Stages", "Definition")
    for one in found:
        stages = ", ".join(stage.key for stage in one.stages)
        definition = "every move is allowed" if one.version_id is None else "published"
        table.add_row(one.key, escape(stages), definition)
    Console().print(table)


async def _show(key: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await show_pipeline(session, SYSTEM, key)
    table = Table("Stage", "Label", "中文", "Kind", "Probability", "Forecast")
    for stage in found.stages:
        table.add_row(
            stage.key,
            escape(stage.label),
            escape(stage.label_zh or "-"),
            stage.kind,
            f"{stage.probability_percent} %",
            stage.forecast_category,
        )
    Console().print(table)
