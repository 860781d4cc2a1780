"""`cadenza mailbox`: the mail sink alone, for a set-up of several processes."""

from __future__ import annotations

import asyncio

import typer

from engine.channels.mailbox import Mailbox
from engine.cli._loop import run
from engine.cli._stopping import stop_on_signals
from engine.errors import Conflict
from engine.logging_setup import set_up
from engine.settings import Settings, load

app = typer.Typer(help="Run the mailbox: mail that goes nowhere and can be read.")


@app.command()
def mailbox() -> None:
    """Keep mail under the data folder until stopped."""
    settings = load()
    set_up(settings.log)
    run(_receive(settings))


async def _receive(settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    wanted = settings.mailbox
    box = Mailbox(
        settings.data.folder / "mail",
        max_message_bytes=wanted.max_message_bytes,
        keep_free_bytes=wanted.keep_free_bytes,
    )
    try:
        port = await box.start(wanted.host, wanted.port)
    except OSError as error:
        raise Conflict(
            f"The mailbox cannot listen on {wanted.host}, port {wanted.port}: {error.strerror}. "
            "Set MAILBOX_HOST and MAILBOX_PORT."
        ) from error
    typer.echo(f"The mailbox listens on {wanted.host}, port {port}.")
    await stop.wait()
    await box.stop()
