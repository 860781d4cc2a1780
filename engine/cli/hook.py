"""`cadenza hook`: systems that report what happened, and the secrets of systems that are called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._given import json_in
from engine.cli._given import secret as secret_given
from engine.cli._hook_mapping import mapping, try_
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.flows.triggers.webhook import WEBHOOK_RECEIVED
from engine.local_time import SpanRefused, add_span, parse_span
from engine.services import hooks, secrets
from engine.services.actor import SYSTEM
from engine.services.hooks import OWN_HEADER, SIGNATURES

app = typer.Typer(
    help="Systems that report what happened, and secrets of systems that flows call.",
    no_args_is_help=True,
)
secret = typer.Typer(help="Secrets that flows name: set, list, remove.", no_args_is_help=True)
app.add_typer(secret, name="secret")

app.command()(mapping)
app.command(name="try")(try_)

Name = Annotated[str, typer.Argument(help="The source's name, which ends its address.")]
Own = Annotated[
    bool, typer.Option("--own-secret", help="Read the other system's secret from the input.")
]
SecretName = Annotated[str, typer.Argument(help="The name by which flows mean it.")]


@app.command()
def add(
    name: Name,
    email: Annotated[str | None, typer.Option(help="Where the document has the address.")] = None,
    user_id: Annotated[
        str | None, typer.Option(help="Where it has your id of the contact.")
    ] = None,
    anonymous_id: Annotated[str | None, typer.Option(help="Where it has a visitor's id.")] = None,
    event: Annotated[
        str | None,
        typer.Option(help='What its event is always called; "Webhook Received" otherwise.'),
    ] = None,
    event_path: Annotated[str | None, typer.Option(help="Where it names its event.")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="A JSON file that says all of this and more, instead of these options."),
    ] = None,
    signature: Annotated[
        str, typer.Option(help=f"How it signs: {', '.join(SIGNATURES)}.")
    ] = "standard",
    signature_header: Annotated[
        str | None,
        typer.Option(help=f"The header that carries it, for {', '.join(sorted(OWN_HEADER))}."),
    ] = None,
    own_secret: Own = False,
) -> None:
    """Make a source, and print its secret: this once."""
    paths = {"email": email, "user_id": user_id, "anonymous_id": anonymous_id}
    contact = {key: path for key, path in paths.items() if path is not None}
    given: dict[str, Any] = {"signature": signature, "signature_header": signature_header}
    if mapping is None:
        given |= {"contact": contact, "event_name": event, "event_path": event_path}
    elif contact or event or event_path:
        problem = Problem("--mapping", "one_of_two", "says who and what; leave the others out")
        raise Refused("The source was not made.", [problem])
    else:
        given["mapping"] = json_in(mapping, "The source was not made.")
    run(_add(name, given, secret_given() if own_secret else None))


@app.command(name="list")
def list_() -> None:
    """Every source, how its documents are read, and when it last reported."""
    run(_list())


@app.command()
def rotate(
    name: Name,
    overlap: Annotated[
        str, typer.Option(help="How long the present secret is accepted still, such as 1d.")
    ] = "1d",
    own_secret: Own = False,
) -> None:
    """Print a new secret for a source, this once; or keep theirs."""
    run(_rotate(name, _length(overlap), secret_given() if own_secret else None))


@app.command()
def pause(name: Name) -> None:
    """Accept nothing from a source for now; it is answered as if it did not exist."""
    run(_set_active(name, False))


@app.command()
def resume(name: Name) -> None:
    """Accept what a source reports again."""
    run(_set_active(name, True))


@app.command()
def remove(name: Name) -> None:
    """Accept nothing from a source any more. What it reported stays."""
    run(_remove(name))


@secret.command(name="set")
def set_(
    name: SecretName,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a signing secret and print it: this once.")
    ] = False,
) -> None:
    """Keep a secret, read from the input unless it is generated. The one before is gone."""
    run(_set_secret(name, None if generate else secret_given()))


@secret.command(name="list")
def list_secrets() -> None:
    """The names that flows may use; nobody is shown a secret again."""
    run(_list_secrets())


@secret.command(name="remove")
def remove_secret(name: SecretName) -> None:
    """Forget a secret. Calls that name it hold their runs from now on."""
    run(_remove_secret(name))


async def _add(name: str, given: dict[str, Any], own: str | None) -> None:
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            made = await hooks.add_source(
                session, SYSTEM, runtime.secrets, name, secret=own, now=runtime.now(), **given
            )
        typer.echo(made.secret if own is None else name)
        signs = "Standard Webhooks has it" if given["signature"] == "standard" else "it is set here"
        shown = "" if own is not None else f"The secret of {name}, shown only now. "
        typer.echo(
            f"{shown}The system reports to {runtime.public_url}/hooks/in/{name} and signs as "
            f"{signs}.",
            err=True,
        )


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        known = await hooks.list_sources(session, SYSTEM)
    table = Table("Source", "Signs", "Contact", "Event", "State", "Last used (UTC)", "Old until")
    for one in known:
        table.add_row(
            one.name,
            one.signature,
            ", ".join(f"{key}: {path}" for key, path in one.contact.items()),
            one.event_name or (f"at {one.event_path}" if one.event_path else WEBHOOK_RECEIVED),
            "active" if one.active else "paused",
            _moment(one.last_used_at),
            _moment(one.previous_until),
        )
    Console().print(table)


async def _rotate(name: str, overlap: timedelta, own: str | None) -> None:
    async with opened(temporal=False) as runtime:
        now = runtime.now()
        async with runtime.store.transaction() as session:
            made = await hooks.rotate_source(
                session, SYSTEM, runtime.secrets, name, now, overlap=overlap, secret=own
            )
    if own is None:
        typer.echo(made.secret)
    until = _moment(now + overlap)
    shown = "Shown only now. " if own is None else ""
    typer.echo(f"{shown}The secret before is accepted until {until} UTC.", err=True)


async def _set_active(name: str, active: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await hooks.set_active(session, SYSTEM, name, active)
    typer.echo(f"{name} is {'active' if active else 'paused'}.")


async def _remove(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await hooks.remove_source(session, SYSTEM, name)
    typer.echo(f"{name} is removed.")


async def _set_secret(name: str, given: str | None) -> None:
    kept = given or secrets.new_signing_secret()
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await secrets.set_secret(session, SYSTEM, runtime.secrets, name, kept, runtime.now())
    if given is None:
        typer.echo(kept)
    typer.echo(f"Flows may name it {name}.", err=True)


async def _list_secrets() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        known = await secrets.list_secrets(session, SYSTEM)
    table = Table("Secret", "Changed (UTC)", "By")
    for one in known:
        table.add_row(one.name, _moment(one.changed_at), one.changed_by)
    Console().print(table)


async def _remove_secret(name: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await secrets.remove_secret(session, SYSTEM, name)
    typer.echo(f"{name} is forgotten.")


def _length(text: str) -> timedelta:
    try:
        span = parse_span(text)
        now = datetime.now(UTC)
        return add_span(now, span, "UTC") - now
    except (SpanRefused, OverflowError) as error:
        problem = Problem("--overlap", "bad_span", 'write a duration such as "1d" or "PT2H"')
        raise Refused("Nothing was changed.", [problem]) from error


def _moment(at: datetime | None) -> str:
    return "-" if at is None else at.strftime("%Y-%m-%d %H:%M")
