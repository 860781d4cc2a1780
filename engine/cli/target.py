"""`cadenza target`: what people and teams are to win."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.insight.targets import users_by_name_and_mail
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.cli.insight import Csv, Owner, Period, Team, put_out
from engine.errors import NotFound, Refused
from engine.services.actor import SYSTEM
from engine.services.field_values import ValueRefused, minor_units
from engine.services.insight import (
    WantedTarget,
    list_targets,
    read_targets,
    remove_target,
    set_targets,
)
from engine.services.insight.csv_text import target_lines

app = typer.Typer(help="What people and teams are to win.", no_args_is_help=True)


@app.command(name="list")
def list_(period: Period = None, owner: Owner = None, team: Team = None, csv: Csv = None) -> None:
    """Targets with what was won of them, the newest period first."""
    run(_list(period, owner, team, csv))


@app.command(name="set")
def set_(
    period: Annotated[str, typer.Argument(help='A month or quarter: "2026-03" or "2026-Q1".')],
    amount: Annotated[str, typer.Argument(help='Such as "250000" or "250000.50".')],
    currency: Annotated[str, typer.Argument(help="Such as USD.")],
    owner: Annotated[str | None, typer.Option(help="A person, by mail address.")] = None,
    team: Annotated[str | None, typer.Option(help="A team, by name.")] = None,
) -> None:
    """Set a target for a person, a team, or everybody together."""
    run(_set(period, amount, currency, owner, team))


@app.command(name="import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX: period, owner, team, currency, amount.")
    ],
) -> None:
    """Set the targets of a file; doing it twice changes nothing."""
    run(_import(file))


@app.command()
def remove(target: Annotated[int, typer.Argument(help="The id that `list` shows.")]) -> None:
    """Remove a target."""
    run(_remove(target))


async def _list(period: str | None, owner: int | None, team: str | None, csv: Path | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        zone = runtime.settings.company.default_zone
        found = await list_targets(session, SYSTEM, zone, period=period, owner=owner, team=team)
    put_out(target_lines(found), csv)


async def _set(
    period: str, amount: str, currency: str, owner: str | None, team: str | None
) -> None:
    try:
        minor = minor_units(amount, currency.upper())
    except ValueRefused as error:
        raise Refused(error.message) from error
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        who = None if owner is None else await _user(session, owner)
        wanted = WantedTarget(period, currency.upper(), minor, who, team)
        changed = await set_targets(session, SYSTEM, [wanted], runtime.now())
    typer.echo("The target was set." if changed else "The target was set before.")


async def _import(file: Path) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        wanted = await read_targets(session, file)
        changed = await set_targets(session, SYSTEM, wanted, runtime.now())
    typer.echo(f"{len(wanted):,} targets: {len(changed):,} new or changed.")


async def _remove(target: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await remove_target(session, SYSTEM, target)
    typer.echo("The target was removed.")


async def _user(session: AsyncSession, address: str) -> int:
    for id_, _, key in await users_by_name_and_mail(session):
        if key == folded(address):
            return id_
    raise NotFound(f'Nobody has the mail address "{address}". `cadenza user list` shows all.')
