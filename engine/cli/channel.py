"""`cadenza channel`: ways to hand messages over, who writes, and how much may go."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from engine.channels.base import ChannelError
from engine.channels.kinds import KINDS
from engine.cli._channel_sender import app as sender
from engine.cli._channel_text import limits_text, read_limits, read_warm_up, settings_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.services import channels
from engine.services.actor import SYSTEM

app = typer.Typer(help="Ways to hand messages over, by name.", no_args_is_help=True)
app.add_typer(sender, name="sender")

Name = Annotated[str, typer.Argument(help='The name by which steps mean it; "default" too.')]
From = Annotated[str | None, typer.Option("--sender", help="Who usually writes, by name.")]


@app.command()
def add(
    name: Name,
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="field=value, as often as needed; nothing secret."),
    ] = None,
    identity: From = None,
) -> None:
    """Add a channel. Its secret parts are read from the input, a line each; an empty line leaves
    one out."""
    run(_add(name, kind, set_ or [], identity))


@app.command()
def kinds() -> None:
    """Every kind, with its fields and its secret parts."""
    table = Table("Kind", "What it is", "Writes to", "--set", "Secret, a line each")
    for one in KINDS.values():
        secret = one.secret_names()
        fields = [name for name in one.model_fields if name not in secret]
        row = (one.kind, one.label.en, one.usual_medium, ", ".join(fields), ", ".join(secret))
        table.add_row(*row)
    Console().print(table)


@app.command(name="list")
def list_() -> None:
    """Every channel with its limits. The default one is listed once it has limits of its own."""
    run(_list())


@app.command()
def limit(
    name: Name,
    per_second: Annotated[
        float | None, typer.Option(help="Most messages a second, over all processes.")
    ] = None,
    domain: Annotated[
        list[str] | None,
        typer.Option(help="gmail.com=2: most a second to addresses there; *=5 to each other."),
    ] = None,
    warm_up: Annotated[
        str | None, typer.Option(help="Most of each day, such as 50,100,500,1000.")
    ] = None,
    begins: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today otherwise.")
    ] = None,
    identity: From = None,
) -> None:
    """Set rates, warm-up plan and usual sender, all anew: what is not named is without limit."""
    run(
        _limit(name, per_second, domain or [], warm_up, begins.date() if begins else None, identity)
    )


@app.command()
def pause(name: Name) -> None:
    """Messages wait from now on."""
    run(_pause(name, paused=True))


@app.command()
def resume(name: Name) -> None:
    """Messages go again; those that waited within five minutes."""
    run(_pause(name, paused=False))


@app.command()
def remove(name: Name) -> None:
    """Forget a channel and its secrets. Runs that send by it are held from now on."""
    run(_remove(name))


@app.command(name="test")
def try_(
    name: Name,
    to: Annotated[
        str | None, typer.Option(help="Address or number; not needed for a room.")
    ] = None,
) -> None:
    """Send a few words by a channel, and say what the provider answered."""
    run(_try(name, to))


async def _add(name: str, kind: str, written: list[str], identity: str | None) -> None:
    known = KINDS.get(kind)
    settings = settings_of(written)
    for part in known.secret_names() if known else ():
        line = sys.stdin.readline().strip() if not sys.stdin.isatty() else _asked(part)
        if line:
            settings[part] = line
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await channels.add_channel(
            session,
            SYSTEM,
            runtime.secrets,
            name,
            kind,
            settings,
            identity=identity,
            now=runtime.now(),
        )
    typer.echo(f"Channel {name} is there. `cadenza channel test {name}` tries it.")


def _asked(part: str) -> str:
    said: str = typer.prompt(part, hide_input=True, default="", show_default=False, err=True)
    return said.strip()


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await channels.list_channels(session, SYSTEM)
    table = Table("Channel", "Kind", "Writes to", "State", "Sender", "Limits", "Settings")
    for one in found:
        table.add_row(
            one.name,
            one.kind,
            one.medium,
            "active" if one.enabled else "paused",
            one.identity or "",
            limits_text(one.limits),
            ", ".join(f"{field}={value}" for field, value in one.settings.items()),
        )
    Console().print(table)


async def _limit(
    name: str,
    per_second: float | None,
    domains: list[str],
    warm_up: str | None,
    begins: date | None,
    identity: str | None,
) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        now = runtime.now()
        plan = read_warm_up(warm_up, begins or now.date())
        limits = channels.Limits(per_second, read_limits(domains), plan)
        await channels.limit_channel(session, SYSTEM, name, limits, identity=identity, now=now)
    typer.echo(f"{name}: {limits_text(limits) or 'without limits'}.")


async def _pause(name: str, *, paused: bool) -> None:
    change = channels.pause_channel if paused else channels.resume_channel
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await change(session, SYSTEM, name, runtime.now())
    typer.echo(f"Channel {name} is {'paused' if paused else 'active'}.")


async def _remove(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await channels.remove_channel(session, SYSTEM, name)
    typer.echo(f"Channel {name} is removed.")


async def _try(name: str, to: str | None) -> None:
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            await runtime.channel.refresh(session)
        try:
            sender = runtime.sender_settings.sender
            await channels.try_channel(runtime.channel, SYSTEM, name, to, sender)
        except ChannelError as error:
            problem = Problem("", error.code, error.reason)
            raise Refused(f"{name} did not take the message.", [problem]) from error
    typer.echo(f"{name} took the message.")
