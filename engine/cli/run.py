"""`cadenza run`: the runs that wait for a person's decision."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli._loop import run as run_loop
from engine.cli._runtime import opened
from engine.machines.mending import GoTo, Order, Retry, Skip, Stop
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.run_control import MendedPage, Which, mend_page, places, poke_mended
from engine.services.travelling import Ledger

app = typer.Typer(help="Runs that wait for a decision.", no_args_is_help=True)

Flow = Annotated[str, typer.Argument(help="The flow's name.")]
Node = Annotated[str | None, typer.Option(help="Only runs on this node.")]
Code = Annotated[str | None, typer.Option(help="Only runs held for this reason, by its code.")]
Run = Annotated[list[int] | None, typer.Option("--run", help="Only these runs, by number.")]
Active = Annotated[bool, typer.Option("--active", help="Runs that are not held.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say whom it would concern.")]


@app.command()
def held(flow: Flow) -> None:
    """Where runs are held, for what reason, and how many."""
    run_loop(_give(_which(flow, None, None, None), None, dry_run=True))


@app.command()
def retry(
    flow: Flow, node: Node = None, code: Code = None, run: Run = None, dry_run: DryRun = False
) -> None:
    """Ask the step again. What was asked and answered already is not asked a second time."""
    run_loop(_give(_which(flow, node, code, run), Retry(), dry_run=dry_run))


@app.command()
def skip(
    flow: Flow,
    exit_: Annotated[str, typer.Option("--exit", help="The way on.")],
    node: Node = None,
    code: Code = None,
    run: Run = None,
    active: Active = False,
    dry_run: DryRun = False,
) -> None:
    """Let runs go on by an exit, without what the step does."""
    run_loop(_give(_which(flow, node, code, run, active), Skip(exit_), dry_run=dry_run))


@app.command()
def reroute(
    flow: Flow,
    to: Annotated[str, typer.Option(help="The node to begin at.")],
    node: Node = None,
    code: Code = None,
    run: Run = None,
    active: Active = False,
    dry_run: DryRun = False,
) -> None:
    """Let runs begin at another node of their version."""
    run_loop(_give(_which(flow, node, code, run, active), GoTo(to), dry_run=dry_run))


@app.command()
def end(
    flow: Flow,
    node: Node = None,
    code: Code = None,
    run: Run = None,
    active: Active = False,
    dry_run: DryRun = False,
) -> None:
    """End runs where they stand."""
    run_loop(_give(_which(flow, node, code, run, active), Stop(), dry_run=dry_run))


def _which(
    flow: str,
    node: str | None,
    code: str | None,
    runs: list[int] | None,
    active: bool = False,
) -> Which:
    numbers = tuple(runs) if runs else None
    return Which(flow, "active" if active else "held", node, code, numbers)


async def _give(which: Which, order: Order | None, *, dry_run: bool) -> None:
    async with opened(temporal=not dry_run) as runtime:
        async with runtime.store.transaction() as session:
            found = await places(session, SYSTEM, which)
        for place in found:
            typer.echo(f"{place.node}\t{place.code or '-'}\t{place.runs}")
        if dry_run or order is None:
            typer.echo(f"{sum(place.runs for place in found)} runs.", err=True)
            return
        await _mend(runtime, which, order)


async def _mend(runtime: Runtime, which: Which, order: Order) -> None:
    after, mended = 0, 0
    while True:
        async with runtime.store.transaction() as session:
            page = await mend_page(
                session,
                SYSTEM,
                which,
                order,
                plans=runtime.plans,
                ledger=_ledger(runtime),
                after=after,
            )
        poke_mended(runtime.pokes, page)
        mended += page.mended
        _complain(page)
        if page.last is None:
            break
        after = page.last
    typer.echo(f"{mended} runs are on their way.")


def _ledger(runtime: Runtime) -> Ledger:
    return runtime.shared.ledger(runtime.now())


def _complain(page: MendedPage) -> None:
    for reason, count in page.refused.items():
        typer.echo(f"{count} runs stay as they are: {reason}.", err=True)
