"""`cadenza deal`: deals, where they stand, and moving them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm_store.lists.deals import DealFilter, DealLine
from engine.cli._loop import run
from engine.cli._person import As, person
from engine.cli._runtime import opened
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.deals import AwaitingApproval, Moved, move_deal
from engine.services.deals.reading import SeenDeal, deal_history, list_deals, show_deal
from engine.services.deals.refusing import made_or_refused
from engine.services.work import Work, working

app = typer.Typer(help="Deals and the stages they stand on.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The number of the deal, as list shows it.")]


@app.command(name="list")
def list_(
    pipeline: Annotated[str | None, typer.Option(help="Only of this pipeline, by key.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only on this stage, by key.")] = None,
    kind: Annotated[str | None, typer.Option(help="open, won or lost.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
) -> None:
    """Deals, the newest first."""
    run(_list(DealFilter(pipeline, stage, kind), limit))


@app.command()
def show(deal: Number) -> None:
    """One deal: its fields, its clocks, and where it may go."""
    run(_show(deal))


@app.command()
def move(
    deal: Number,
    to: Annotated[str, typer.Argument(help="The key of the stage.")],
    as_: As,
    lost_reason: Annotated[str | None, typer.Option(help="Why it was lost.")] = None,
) -> None:
    """Move a deal to another stage, if its pipeline lets this person."""
    run(_move(deal, to, as_, lost_reason))


@app.command()
def history(deal: Number) -> None:
    """Every stage the deal stood on, and for how long."""
    run(_history(deal))


async def _list(wanted: DealFilter, limit: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_deals(session, SYSTEM, wanted, limit=limit)
    table = Table("Deal", "Name", "Pipeline", "Stage", "Amount", "Owner", "Since (UTC)")
    for one in found:
        table.add_row(
            str(one.id),
            escape(one.name),
            one.pipeline,
            escape(one.stage_label),
            _amount(one),
            escape(one.owner or "-"),
            one.stage_entered_at.strftime("%Y-%m-%d %H:%M"),
        )
    Console().print(table)


async def _show(deal_id: int) -> None:
    async with opened(temporal=False) as runtime, _working(runtime) as work:
        seen = await show_deal(work, SYSTEM, deal_id)
    console = Console()
    for line in _lines(seen):
        console.print(escape(line))


def _lines(seen: SeenDeal) -> list[str]:
    one = seen.line
    lines = [
        f"{one.name} ({one.pipeline}): {one.stage_label} since {one.stage_entered_at:%Y-%m-%d}",
        f"amount {_amount(one)}, owner {one.owner or '-'}, account {one.account or '-'}",
    ]
    if one.due_at is not None:
        lines.append(f"looked at next: {one.due_at:%Y-%m-%d %H:%M} UTC")
    if one.request_id is not None:
        lines.append(f"a move waits for request {one.request_id}")
    for move_ in seen.moves:
        against = "; ".join(problem.message for problem in move_.problems)
        asks = f", asks {move_.approval}" if move_.approval else ""
        lines.append(f"may go to {move_.stage.key}{asks}{': ' + against if against else ''}")
    return lines


async def _move(deal_id: int, to: str, as_: str, lost_reason: str | None) -> None:
    async with opened() as runtime, _working(runtime) as work:
        actor = await person(work.session, as_)
        answer = await move_deal(work, actor, deal_id, to, lost_reason=lost_reason, via="board")
        answer = made_or_refused(answer)
    if isinstance(answer, AwaitingApproval):
        typer.echo(
            f"Deal {deal_id} stays on {answer.stage} until request {answer.request_id} ends."
        )
    elif isinstance(answer, Moved):
        typer.echo(f"Deal {deal_id} stands on {answer.stage}.")


async def _history(deal_id: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await deal_history(session, SYSTEM, deal_id, runtime.now())
    table = Table("Stage", "From (UTC)", "Until (UTC)", "Time", "Worked", "By", "Through")
    for one in found:
        visit = one.visit
        worked = visit.working_seconds
        table.add_row(
            escape(visit.stage_label),
            visit.entered_at.strftime("%Y-%m-%d %H:%M"),
            visit.left_at.strftime("%Y-%m-%d %H:%M") if visit.left_at else "-",
            str(timedelta(seconds=one.seconds)),
            "-" if worked is None else str(timedelta(seconds=worked)),
            escape(visit.moved_by or "-"),
            visit.via,
        )
    Console().print(table)


def _working(runtime: Runtime) -> AbstractAsyncContextManager[Work]:
    return working(runtime.store, runtime.shared, runtime.pokes, runtime.now())


def _amount(one: DealLine) -> str:
    if one.amount_minor is None or one.currency is None:
        return "-"
    return f"{one.amount_minor} {one.currency} (smallest unit)"
