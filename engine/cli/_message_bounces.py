"""`cadenza message bounce`, `breaker` and `resume`: what comes back, and who must rest for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from engine.channels.bounces.maildir import is_maildir
from engine.channels.bounces.parts import MOST_BYTES
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.bounces import Counted, read_folder
from engine.services.sender_health import SenderDomain, list_domains, resume_domain

STDIN: Final = Path("-")
_MBOX: Final = b"From "


def bounce(
    files: Annotated[
        list[Path],
        typer.Argument(help="A mail, an mbox file or a Maildir; - reads a mail from the input."),
    ],
) -> None:
    """Take in mail that came back: bounces, complaints, delivery reports. Twice is once.

    As the pipe of a mail server: bounces+*: "|cadenza message bounce -".
    """
    run(_bounce(files))


def breaker() -> None:
    """List what every sender domain sent in the last seven days, and how it stands."""
    run(_breaker())


def resume(
    domain: Annotated[str, typer.Argument(help="A paused domain, as `breaker` lists it.")],
) -> None:
    """Let the marketing of a paused sender domain go on; what came back before is forgiven."""
    run(_resume(domain))


async def _bounce(files: list[Path]) -> None:
    counted = Counted()
    # a pipe must work while Temporal is away; drivers look for new events by themselves
    async with opened(temporal=False) as runtime:
        for file in files:
            counted += await _taken(runtime, file)
    for kind, count in sorted(counted.kinds.items()):
        typer.echo(f"{kind}\t{count}")
    typer.echo(f"{counted.fresh} new.", err=True)


async def _taken(runtime: Runtime, file: Path) -> Counted:
    desk = runtime.bounce_desk
    if file == STDIN:
        return await desk.take([sys.stdin.buffer.read(MOST_BYTES)], runtime.now())
    if not file.exists():  # noqa: ASYNC240 - a command has nothing else to do
        raise typer.BadParameter(f'there is no "{file}"', param_hint="FILES")
    if not is_maildir(file) and not _is_mbox(file):
        return await desk.take([_beginning(file, MOST_BYTES)], runtime.now())
    counted, more = Counted(), True
    while more:
        page, more = await read_folder(desk, file, runtime.now())
        counted += page
    return counted


def _is_mbox(file: Path) -> bool:
    return file.is_file() and _beginning(file, len(_MBOX)) == _MBOX


def _beginning(file: Path, size: int) -> bytes:
    with file.open("rb") as opened_file:
        return opened_file.read(size)


async def _breaker() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await list_domains(session, SYSTEM, runtime.now())
    typer.echo("domain\tstate\tsent\tbounced\tcomplained\tbounces\tcomplaints\tsince")
    for one in found:
        typer.echo(_line(one))


def _line(one: SenderDomain) -> str:
    volume = one.volume
    since = f"{one.since:%Y-%m-%d %H:%M}Z" if one.since else ""
    return (
        f"{one.domain}\t{one.health}\t{volume.sent}\t{volume.bounced}\t{volume.complained}"
        f"\t{volume.bounces:.2%}\t{volume.complaints:.3%}\t{since}"
    )


async def _resume(domain: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await resume_domain(session, SYSTEM, domain, runtime.now())
    typer.echo(f"{domain} may go on.")
