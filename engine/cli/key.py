"""`cadenza key`: keys with which other systems report events, and programs use the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.local_time import SpanRefused, add_span, parse_span
from engine.services.actor import SYSTEM
from engine.services.api_keys import (
    KnownApiKey,
    create_api_key,
    list_api_keys,
    revoke_api_key,
    rotate_api_key,
)
from engine.services.api_keys.spelling import BEGINNING
from engine.services.write_keys import (
    KnownWriteKey,
    create_write_key,
    list_write_keys,
    revoke_write_key,
)

app = typer.Typer(
    help="Keys with which other systems report events, and programs use the API.",
    no_args_is_help=True,
)

NEVER = "never"
Name = Annotated[
    str, typer.Argument(help="The system that reports, such as website; for an API key its name.")
]
Key = Annotated[str, typer.Argument(help="The source of a write key, or the start of an API key.")]
ApiKey = Annotated[str, typer.Argument(help="How the API key starts, as list shows it.")]


@app.command()
def create(
    name: Name,
    for_user: Annotated[
        str | None,
        typer.Option(help="Make an API key instead, which acts for the user of this address."),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What the API key may do, such as read:contact; give several."),
    ] = None,
    expires: Annotated[
        str, typer.Option(help="How long the API key lasts, such as 90d, or never.")
    ] = "365d",
    may_merge: Annotated[
        bool,
        typer.Option(
            "--may-merge",
            help="A write key whose alias calls make two contacts one: for servers only.",
        ),
    ] = False,
) -> None:
    """Make a key and print it, this once: a write key, or with --for-user an API key."""
    if for_user is not None and may_merge:
        problem = Problem("--may-merge", "not_here", "is for write keys; leave --for-user out")
        raise Refused("The key was not made.", [problem])
    if for_user is None:
        if scope:
            problem = Problem("--scope", "missing", "is for API keys; say whose with --for-user")
            raise Refused("The key was not made.", [problem])
        run(_create_write_key(name, may_merge=may_merge))
    else:
        run(_create_api_key(name, for_user, scope or [], expires))


@app.command(name="list")
def list_() -> None:
    """All keys: how they begin, what they may do, and when they were last used."""
    run(_list())


@app.command()
def rotate(
    key: ApiKey,
    overlap: Annotated[
        str, typer.Option(help="How long the present secret is accepted too, such as 2h.")
    ] = "1d",
) -> None:
    """Print a new secret for an API key, this once; the present one works on for a while."""
    run(_rotate(key, _length("--overlap", overlap)))


@app.command()
def revoke(key: Key) -> None:
    """Refuse a key from now on."""
    run(_revoke_api_key(key) if key.startswith(BEGINNING) else _revoke_write_key(key))


async def _create_write_key(source: str, *, may_merge: bool) -> None:
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            made = await create_write_key(session, SYSTEM, source, may_merge=may_merge)
        typer.echo(f"{made.key}")
        typer.echo(
            f"The write key of {made.source}, shown only now. Clients of Segment take it together "
            f"with the host {runtime.public_url}.",
            err=True,
        )


async def _create_api_key(name: str, for_user: str, scopes: list[str], expires: str) -> None:
    lasts = None if expires == NEVER else _length("--expires", expires)
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            made = await create_api_key(
                session,
                SYSTEM,
                name=name,
                for_user=for_user,
                scopes=scopes,
                now=runtime.now(),
                lasts=lasts,
            )
        typer.echo(made.key)
        typer.echo(
            f"The API key {name} of {for_user}, shown only now. It may {', '.join(made.scopes)} "
            f"at {runtime.public_url}/api, until {_day(made.expires_at, NEVER)}.",
            err=True,
        )


async def _rotate(key: str, overlap: timedelta) -> None:
    async with opened(temporal=False) as runtime:
        now = runtime.now()
        async with runtime.store.transaction() as session:
            made = await rotate_api_key(session, SYSTEM, key, now, overlap=overlap)
    typer.echo(made.key)
    typer.echo(
        f"The key with its new secret, shown only now. The secret before is accepted until "
        f"{_day(now + overlap)}.",
        err=True,
    )


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        sources = await list_write_keys(session, SYSTEM)
        keys = await list_api_keys(session, SYSTEM)
        now = runtime.now()
    table = Table("For", "Name", "Key", "May", "Made", "Last used", "State")
    for source in sources:
        table.add_row(*_source_row(source))
    for key in keys:
        table.add_row(*_key_row(key, now))
    Console().print(table)


def _source_row(key: KnownWriteKey) -> tuple[str, ...]:
    state = "revoked" if key.revoked_at else "active"
    made, used = _day(key.created_at), _day(key.last_used_at)
    may = "report events, merge contacts" if key.may_merge else "report events"
    return "events", key.source, f"{key.prefix}…", may, made, used, state


def _key_row(key: KnownApiKey, now: datetime) -> tuple[str, ...]:
    used = _day(key.last_used_at)
    if key.previous_until is not None and key.previous_until > now:
        used += f"; old secret {_day(key.previous_used_at, 'not')}"
    made, may = _day(key.created_at), ", ".join(key.scopes)
    return key.user, escape(key.name), f"{key.prefix}…", may, made, used, _state(key, now)


def _state(key: KnownApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "active"
    if key.expires_at <= now:
        return "expired"
    return f"active until {_day(key.expires_at)}"


async def _revoke_write_key(source: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await revoke_write_key(session, SYSTEM, source, runtime.now())
    typer.echo(f"The key of {source} is refused from now on, by running servers within 5 seconds.")


async def _revoke_api_key(key: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await revoke_api_key(session, SYSTEM, key, runtime.now())
    typer.echo("The key is refused from now on, by running servers within 2 seconds.")


def _length(option: str, text: str) -> timedelta:
    """A duration as people write it; months are as long as they are from today on."""
    try:
        span = parse_span(text)
        now = datetime.now(UTC)
        return add_span(now, span, "UTC") - now
    except (SpanRefused, OverflowError) as error:
        problem = Problem(option, "bad_span", 'write a duration such as "90d" or "P3M"')
        raise Refused("Nothing was changed.", [problem]) from error


def _day(moment: datetime | None, never: str = "-") -> str:
    return never if moment is None else moment.strftime("%Y-%m-%d %H:%M UTC")
