"""`cadenza contact`: making two contacts one, erasing one, and letting an address come back."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_store.giving_way import again_and_again
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.changes.announcing import Announcer
from engine.services.erasing import Erased, erase_contact, preview_erasure, readmit_address
from engine.services.merging import FieldPolicy, Merged, merge_contacts, preview_merge
from engine.services.preferences.wishes import wishes_of
from engine.services.subscribing import Standing, ask_for_consent

app = typer.Typer(help="Contacts: merge and erase.", no_args_is_help=True)

ATTEMPTS = 10
_STANDINGS = {
    Standing.AGREED: "They have agreed already; nothing is sent.",
    Standing.ASKED: "Asked; the flow confirm_subscription sends the letter once it is published.",
    Standing.WAITING: "They were asked within a day; nothing more is sent.",
}
Number = Annotated[int, typer.Argument(min=1, help="The contact's number.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]


@app.command()
def merge(
    keep: Annotated[int, typer.Argument(min=1, help="The contact that stays.")],
    lose: Annotated[int, typer.Argument(min=1, help="The contact that becomes part of it.")],
    take: Annotated[
        list[str] | None, typer.Option(help="A field whose value is taken from the one that goes.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Make two contacts one. It cannot be undone."""
    run(_merge(keep, lose, FieldPolicy(frozenset(take or ())), dry_run=dry_run))


@app.command()
def erase(contact: Number, dry_run: DryRun = False) -> None:
    """Remove everything that says who a contact was, and write to them never again."""
    run(_erase(contact, dry_run=dry_run))


@app.command()
def readmit(
    address: Annotated[
        str,
        typer.Argument(help="The e-mail address, or the telephone number, of an erased contact."),
    ],
) -> None:
    """Let an address of an erased contact be written to again, because its owner asked for it."""
    run(_readmit(address))


@app.command()
def wishes(contact: Number) -> None:
    """What a contact agreed to, chose, and waits to confirm."""
    run(_wishes(contact))


@app.command()
def subscribe(
    contact: Number,
    topic: Annotated[list[str] | None, typer.Option(help="A topic they asked for.")] = None,
    source: Annotated[str, typer.Option(help="Where they asked.")] = "command_line",
    text_version: Annotated[
        str | None, typer.Option(help="Which words they agreed to, for the evidence.")
    ] = None,
) -> None:
    """Have a contact confirm by mail that they want messages (double opt-in)."""
    run(_subscribe(contact, topic or [], source, text_version))


async def _wishes(contact: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await wishes_of(session, SYSTEM, contact, runtime.now())
    for one in found.consents:
        said = "yes" if one.granted else "no"
        typer.echo(f"{one.channel} {one.purpose}\t{said}\t{one.source}\t{one.recorded_at:%Y-%m-%d}")
    for channel, reason in found.suppressed:
        typer.echo(f"{channel}\tnothing at all\t{reason}")
    for topic in found.topics:
        typer.echo(f"topic {topic.slug}\t{'on' if found.hears_of(topic) else 'off'}")
    typer.echo(f"frequency\t{found.preference.frequency}")
    typer.echo(f"measured\t{'no' if found.preference.unmeasured else 'yes'}")
    for request in found.requests:
        typer.echo(f"request {request.id}\twaits until {request.expires_at:%Y-%m-%d %H:%M}")


async def _subscribe(
    contact: int, topics: list[str], source: str, text_version: str | None
) -> None:
    async with opened() as runtime:
        partitions = runtime.settings.drivers.dispatch_partitions
        async with runtime.store.transaction() as session:
            asked = await ask_for_consent(
                session,
                SYSTEM,
                contact,
                topics=topics,
                source=source,
                text_version=text_version,
                now=runtime.now(),
                partitions=partitions,
            )
        runtime.pokes.dispatch(asked.event_partitions)
    typer.echo(_STANDINGS[asked.standing])


async def _merge(keep: int, lose: int, policy: FieldPolicy, *, dry_run: bool) -> None:
    async with opened(temporal=not dry_run) as runtime:
        merged = await again_and_again(
            lambda: _merged(runtime, keep, lose, policy, dry_run=dry_run), ATTEMPTS
        )
        if not dry_run:
            runtime.pokes.dispatch(merged.partitions)
    for table, count in sorted(merged.rows.items()):
        typer.echo(f"{table}\t{count}")
    typer.echo(f"fields\t{', '.join(merged.fields) or '-'}")
    verb = "would be" if dry_run else "is"
    typer.echo(
        f"Contact {lose} {verb} part of contact {keep}; {merged.runs.moved} runs go on as its own, "
        f"{merged.runs.ended} end.",
        err=True,
    )


async def _merged(
    runtime: Runtime, keep: int, lose: int, policy: FieldPolicy, *, dry_run: bool
) -> Merged:
    settings, deed = runtime.settings, preview_merge if dry_run else merge_contacts
    async with runtime.store.transaction() as session:
        return await deed(
            session,
            SYSTEM,
            keep,
            lose,
            policy,
            plans=runtime.plans,
            announcer=Announcer(runtime.plans, settings.drivers.dispatch_partitions),
            now=runtime.now(),
            zone=settings.company.default_zone,
        )


async def _erase(contact: int, *, dry_run: bool) -> None:
    async with opened(temporal=False) as runtime:
        erased = await again_and_again(lambda: _erased(runtime, contact, dry_run), ATTEMPTS)
    for table, count in sorted(erased.rows.items()):
        typer.echo(f"{table}\t{count}")
    verb = "would be" if dry_run else "is"
    typer.echo(f"Contact {contact} {verb} erased; {erased.runs_ended} runs end.", err=True)


async def _erased(runtime: Runtime, contact: int, dry_run: bool) -> Erased:
    deed = preview_erasure if dry_run else erase_contact
    async with runtime.store.transaction() as session:
        zone = runtime.settings.company.default_zone
        return await deed(session, SYSTEM, contact, now=runtime.now(), zone=zone)


async def _readmit(address: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await readmit_address(session, SYSTEM, address)
    typer.echo("The address may be written to again.")
