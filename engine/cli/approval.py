"""`cadenza approval`: requests that wait for somebody's decision."""

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
from engine.services.approvals import Decision, decide_request, list_requests
from engine.services.travelling import Ledger, Written

app = typer.Typer(help="Requests that wait for somebody's decision.", no_args_is_help=True)

Request = Annotated[int, typer.Argument(help="The number of the request, as list shows it.")]
Comment = Annotated[str | None, typer.Option(help="Why, for those who read it later.")]


@app.command(name="list")
def list_() -> None:
    """What waits for a decision, the oldest first."""
    run(_list())


@app.command()
def approve(request: Request, as_: As, comment: Comment = None) -> None:
    """Decide for it; the run goes on at once."""
    run(_decide(request, as_, "approved", comment))


@app.command()
def reject(request: Request, as_: As, comment: Comment = None) -> None:
    """Decide against it; the run goes on at once."""
    run(_decide(request, as_, "rejected", comment))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        requests = await list_requests(session, SYSTEM)
    table = Table("Request", "Title", "Contact", "Asked of", "For", "Until (UTC)")
    for one in requests:
        table.add_row(
            str(one.id),
            escape(one.title),
            str(one.contact_id),
            escape(", ".join(one.approvers)),
            escape(one.asked_for or "-"),
            one.deadline.strftime("%Y-%m-%d %H:%M"),
        )
    Console().print(table)


async def _decide(request: int, email: str, decision: Decision, comment: str | None) -> None:
    async def decide(
        session: AsyncSession, actor: Actor, runtime: Runtime, ledger: Ledger
    ) -> Written:
        return await decide_request(
            session,
            actor,
            request,
            decision,
            plans=runtime.plans,
            ledger=ledger,
            comment=comment,
        )

    await answered(email, decide)
    typer.echo(f"Request {request} is {decision}.")
