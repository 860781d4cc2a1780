"""`cadenza mcp`: a read-only door for assistants, over standard input and output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import NotFound, Refused
from engine.services.api_keys import ApiKeys
from engine.services.assistants import Means
from engine.services.audit_log.refusals import Refusals

app = typer.Typer(help="A read-only door for assistants (Model Context Protocol).")


@app.command()
def mcp(
    key_file: Annotated[
        Path | None, typer.Option(help="A file with the API key; else CADENZA_API_KEY.")
    ] = None,
    key: Annotated[str, typer.Option(envvar="CADENZA_API_KEY", hidden=True)] = "",
) -> None:
    """Answer an assistant's questions until it hangs up. It sees what the API key may see, and can
    change nothing."""
    run(_serve(_key(key_file, key)))


async def _serve(key: str) -> None:
    try:
        from engine.cli._assistant_tools import server_of
    except ModuleNotFoundError as error:
        raise Refused(
            'Assistants need the package mcp. Install it with `pip install "cadenza[assistants]"`.'
        ) from error
    async with opened(temporal=False) as runtime:
        keys = ApiKeys(runtime.store, runtime.now)
        # an unknown key is told before anybody waits for an answer
        await keys.caller(key)
        zone = runtime.settings.company.default_zone
        refusals = Refusals(runtime.store)
        means = Means(runtime.store, runtime.plans, runtime.now, zone, refusals)
        await server_of(means, keys, key).run_stdio_async()


def _key(file: Path | None, key: str) -> str:
    if file is not None:
        try:
            key = file.read_text(encoding="utf-8")
        except OSError as error:
            raise NotFound(f"{file} cannot be read: {error.strerror}.") from error
    if not key.strip():
        raise Refused(
            "Give an API key: --key-file, or CADENZA_API_KEY. `cadenza key create --for-user` "
            "makes one; give it read scopes only."
        )
    return key.strip()
