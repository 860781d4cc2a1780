"""`cadenza new-key`: a fresh key for ENCRYPTION_KEY or SECRET_KEY."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

import typer

app = typer.Typer(help="Print fresh keys for the settings.")


@app.command()
def new_key() -> None:
    """Print a fresh SECRET_KEY and ENCRYPTION_KEY. Nothing is stored."""
    name = datetime.now(UTC).strftime("k%Y%m%d")
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    typer.echo(f"SECRET_KEY={secrets.token_urlsafe(48)}")
    typer.echo(f"ENCRYPTION_KEY={name}:{key}")
