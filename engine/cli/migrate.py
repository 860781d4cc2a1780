"""`cadenza migrate`: bring the database to this release's schema."""

from __future__ import annotations

import typer
from sqlalchemy.exc import OperationalError

from crm_store.migrate import TablesInUse, current, upgrade
from engine.errors import Conflict, SettingsRefused, Unavailable
from engine.settings import load

app = typer.Typer(help="Bring the database to this release's schema.")


@app.command()
def migrate() -> None:
    """Migrate the database at DATABASE_URL. Safe to repeat, and from several places at once."""
    url = load().database.url
    if url is None:
        raise SettingsRefused(
            "DATABASE_URL is not set. Set it; the embedded database is migrated by `cadenza up`."
        )
    address = url.get_secret_value()
    try:
        before = current(address)
        upgrade(address)
        after = current(address)
    except TablesInUse as error:
        raise Conflict(str(error)) from error
    except OperationalError as error:
        raise Unavailable(
            f"The database does not answer: {error.orig}. Check DATABASE_URL and that it runs."
        ) from error
    typer.echo(f"The schema is at {after}." if before != after else f"Nothing to do: {after}.")
