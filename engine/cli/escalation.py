"""`cadenza escalation`: what waits to be taken up by somebody."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._loop import run
from engine.cli._person import As, answered
from engine.cli._runtime import opened
from engine.runtime import Runtime
from engine.services.actor import SYSTEM, Actor
from engine.services.escalations import acknowledge_case, list_cases
from engine.services.travelling import Ledger, Written

app = typer.Typer(help="What waits to be taken up by somebody.", no_args_is_help=True)


@app.command(name="list")
def list_() -> None:
    """What nobody has taken up yet, the oldest first."""
    run(_list())


@app.command()
def ack(
    case: Annotated[int, typer.Argument(help="The number of the case, as list shows it.")], as_: As
) -> None:
    """Take it up; nobody else is told, and the run goes on at once."""
    run(_ack(case, as_))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        cases = await list_cases(session, SYSTEM)
    table = Table("Case", "Title", "Contact", "Level", "Told", "Since (UTC)")
    for one in cases:
        table.add_row(
            str(one.id),
            escape(one.title),
            str(one.contact_id),
            str(one.level),
            escape(", ".join(one.told)),
            one.opened_at.strftime("%Y-%m-%d %H:%M"),
        )
    Console().print(table)


async def _ack(case: int, email: str) -> None:
    async def acknowledge(
        session: AsyncSession, actor: Actor, runtime: Runtime, ledger: Ledger
    ) -> Written:
        return await acknowledge_case(session, actor, case, plans=runtime.plans, ledger=ledger)

    await answered(email, acknowledge)
    typer.echo(f"Case {case} is taken up.")
