"""`cadenza message`: trying messages, and those whose fate is not known."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli import _message_bounces, _message_results, _message_trying
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.messages import list_maybe_sent, settle_by_hand

app = typer.Typer(
    help="Messages: trying them, and those whose fate is not known.", no_args_is_help=True
)
app.command()(_message_trying.preview)
app.command()(_message_trying.proof)
app.command(name="test")(_message_trying.send_it)
app.command()(_message_results.results)
app.command()(_message_bounces.bounce)
app.command()(_message_bounces.breaker)
app.command()(_message_bounces.resume)

PAGE = 500


@app.command(name="maybe-sent")
def maybe_sent() -> None:
    """List every message that was handed over and whose answer was lost in a crash."""
    run(_maybe_sent())


@app.command()
def settle(
    message_id: Annotated[int, typer.Argument(help="The number `maybe-sent` lists first.")],
    arrived: Annotated[bool, typer.Option(help="Whether the message did arrive.")],
) -> None:
    """Write down what you found out about one message; nothing is sent by it."""
    run(_settle(message_id, arrived))


async def _maybe_sent() -> None:
    async with opened(temporal=False) as runtime:
        after, listed = 0, 0
        while True:
            async with runtime.store.transaction() as session:
                page = await list_maybe_sent(session, after_id=after, limit=PAGE)
            for one in page:
                typer.echo(
                    f"{one.message_id}\t{one.handed_over_at:%Y-%m-%d %H:%M:%S}Z\t{one.address}"
                    f"\t{one.template}"
                )
            listed += len(page)
            if len(page) < PAGE:
                break
            after = page[-1].message_id
    typer.echo(f"{listed} maybe sent.", err=True)


async def _settle(message_id: int, arrived: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await settle_by_hand(session, SYSTEM, message_id, was_sent=arrived, now=runtime.now())
    typer.echo(f"Message {message_id} is settled: {'sent' if arrived else 'not sent'}.")
