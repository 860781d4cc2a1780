"""`cadenza sending`: when messages may go, how many, and who gets none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli._flow_text import text_of
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.services.actor import SYSTEM
from engine.services.sending import editing, suppressions

app = typer.Typer(help="When messages may go, how many, and who gets none.", no_args_is_help=True)

_PAGE = 500
File = Annotated[Path, typer.Argument(help="The policy's YAML file.")]
Medium = Annotated[str, typer.Option(help="email or sms.")]


@app.command()
def show(
    version: Annotated[int | None, typer.Option(help="An earlier version.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Who saved which version.")] = False,
) -> None:
    """Write the policy that counts, as a file."""
    run(_history() if history else _show(version))


@app.command()
def check(file: File) -> None:
    """Say every mistake in a policy file, and change nothing."""
    run(_check(file))


@app.command(name="set")
def set_(file: File) -> None:
    """Let the policy in a file count from now on."""
    run(_set(file))


@app.command()
def suppress(
    addresses: Annotated[
        list[str] | None, typer.Argument(help="Addresses, or domains such as example.com.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--from", help="A list: one a line, or a CSV's first column.")
    ] = None,
    reason: Annotated[str, typer.Option(help="A word for the reason.")] = suppressions.MANUAL,
    medium: Medium = "email",
) -> None:
    """Send nothing any more to these, whatever anybody asks for."""
    given = list(addresses or ())
    if file is not None:
        given += suppressions.listed(text_of(file).splitlines())
    run(_suppress(given, reason, medium))


@app.command()
def allow(
    address: Annotated[str, typer.Argument(help="An address or a domain.")],
    medium: Medium = "email",
) -> None:
    """Send to an address or a domain again. Consent is asked for as before."""
    run(_allow(address, medium))


@app.command(name="suppressions")
def suppressions_(
    medium: Annotated[str | None, typer.Option(help="Only this one: email or sms.")] = None,
) -> None:
    """List all that nothing is sent to: medium, address or @domain, reason, since when."""
    run(_suppressions(medium))


async def _show(version: int | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        seen = await editing.see(session, SYSTEM, version)
    typer.echo(seen.source, nl=not seen.source.endswith("\n"))
    if seen.version:
        typer.echo(f"# version {seen.version}, saved by {seen.saved_by}", err=True)
    else:
        typer.echo("# the policy that is shipped; nobody has saved another", err=True)


async def _history() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await editing.versions(session, SYSTEM)
    for one in found:
        typer.echo(f"{one.version}\t{one.saved_at:%Y-%m-%d %H:%M}Z\t{one.saved_by}")


async def _check(file: Path) -> None:
    source = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        policy = await editing.check(session, SYSTEM, source, file=file.name)
    rules = len(policy.times) + len(policy.caps) + len(policy.priorities) + len(policy.digests)
    typer.echo(f"{file.name} is right: {rules} rule{'' if rules == 1 else 's'}.")
    for one in editing.remarks(policy):
        typer.echo(f"{file.name}{one.place}: {one.message}", err=True)


async def _set(file: Path) -> None:
    source = text_of(file)
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        seen = await editing.save(session, SYSTEM, source, runtime.now(), file=file.name)
    typer.echo(f"Version {seen.version} of the sending policy counts now.")


async def _suppress(given: list[str], reason: str, medium: str) -> None:
    async with opened(temporal=False) as runtime:
        done = await suppressions.suppress_list(
            runtime.store, SYSTEM, given, medium=medium, reason=reason, now=runtime.now()
        )
    typer.echo(f"{done.new} new on the list, {done.known} were on it.")


async def _allow(address: str, medium: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        reason = await suppressions.allow(session, SYSTEM, address, medium=medium)
    typer.echo(f"It may be written to again; it was not because of: {reason}.")


async def _suppressions(medium: str | None) -> None:
    after, count = ("", ""), 0
    async with opened(temporal=False) as runtime:
        while True:
            async with runtime.store.transaction() as session:
                page = await suppressions.suppressions(
                    session, SYSTEM, medium=medium, after=after, limit=_PAGE
                )
            for one in page:
                since = f"{one.recorded_at:%Y-%m-%d}"
                typer.echo(f"{one.channel}\t{one.address_key}\t{one.reason}\t{since}")
            count += len(page)
            if len(page) < _PAGE:
                break
            after = (page[-1].channel, page[-1].address_key)
    typer.echo(f"{count} on the list.", err=True)
