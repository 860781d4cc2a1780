"""`cadenza message preview|proof|test`: trying a message before people get it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._person import person
from engine.cli._runtime import opened
from engine.errors import Conflict, Problem, Refused
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.trying_messages import (
    MOST_PEOPLE,
    USUAL_PEOPLE,
    Desk,
    Preview,
    Proof,
    TestAsk,
    Tried,
    as_reference,
    send_test,
)
from engine.services.trying_messages import preview as write_preview
from engine.services.trying_messages import proof as write_proof
from engine.services.trying_messages.testing import To

Template = Annotated[str, typer.Argument(help="The template's name.")]
Contact = Annotated[
    str | None,
    typer.Option(help="A contact's number or address; without it somebody made up."),
]
Language = Annotated[
    str | None, typer.Option(help="A language the template has; else the contact's own.")
]
Draft = Annotated[
    bool, typer.Option("--draft", help="The texts being edited, not those that are sent.")
]
Part = Literal["text", "html", "headers", "short"]


def preview(
    template: Template,
    contact: Contact = None,
    language: Language = None,
    part: Annotated[Part, typer.Option(help="What to print.")] = "text",
    draft: Draft = False,
    save: Annotated[
        Path | None, typer.Option(help="Write the HTML there, to be opened in a browser.")
    ] = None,
) -> None:
    """Show a message as a contact would get it now. Nothing is sent."""
    seen = run(_preview(template, contact, language, draft))
    if save is not None:
        try:
            save.write_text(seen.letter.html, "utf-8")
        except OSError as error:
            raise Conflict(f"{save} cannot be written: {error.strerror}.") from error
    typer.echo(_part(seen, part))
    for one in seen.findings:
        typer.echo(f"{one.level}: {one.message}", err=True)


def proof(
    template: Template,
    segment: Annotated[str | None, typer.Option(help="Its members; else all contacts.")] = None,
    people: Annotated[
        int, typer.Option(help="How many are drawn.", min=1, max=MOST_PEOPLE)
    ] = USUAL_PEOPLE,
    seed: Annotated[int, typer.Option(help="The same one draws the same people.", min=0)] = 0,
) -> None:
    """Write a message for a sample of people, and say what would go wrong. Nobody gets mail."""
    run(_proof(template, segment, people, seed))


def send_it(
    template: Template,
    to: Annotated[
        str | None, typer.Option("--to", help="The address of a person who may sign in here.")
    ] = None,
    seeds: Annotated[bool, typer.Option("--seeds", help="Send it to the seed list.")] = False,
    contact: Contact = None,
    language: Language = None,
    every_language: Annotated[
        bool, typer.Option("--every-language", help="A mail for each language it has.")
    ] = False,
    draft: Draft = False,
) -> None:
    """Send a message to one of our own people or to the seed list, marked as a test."""
    if (to is None) is not seeds:
        problem = Problem("--to", "unclear", "give --to ADDRESS, or --seeds, and not both")
        raise Refused("Nothing was sent.", [problem])
    reference = None if contact is None else as_reference(contact)
    where: To = "seeds" if seeds else "me"
    ask = TestAsk(template, where, reference, language, every_language, draft)
    run(_test(ask, to))


async def _preview(
    template: str, contact: str | None, language: str | None, draft: bool
) -> Preview:
    async with opened(temporal=False) as runtime:
        return await write_preview(
            runtime.store.transaction,
            SYSTEM,
            _desk(runtime),
            template,
            now=runtime.now(),
            contact=None if contact is None else as_reference(contact),
            language=language,
            draft=draft,
        )


def _part(seen: Preview, part: Part) -> str:
    match part:
        case "html":
            return seen.letter.html
        case "short":
            return seen.letter.short_text or ""
        case "headers":
            return "\n".join(f"{name}: {value}" for name, value in seen.headers)
        case "text":
            return f"Subject: {seen.letter.subject}\n\n{seen.letter.text}"


async def _proof(template: str, segment: str | None, people: int, seed: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await write_proof(
            session,
            SYSTEM,
            _desk(runtime),
            template,
            now=runtime.now(),
            segment=segment,
            people=people,
            seed=seed,
        )
    _print(found)


def _print(found: Proof) -> None:
    typer.echo(f"{found.written} of {found.drawn} letters can be written.")
    typer.echo(f"languages: {_counts(found.languages)}")
    typer.echo(f"would be: {_counts(found.reach)}")
    typer.echo(
        f"HTML bytes: {found.smallest_bytes:,} to {found.largest_bytes:,}, usually "
        f"{found.usual_bytes:,}"
    )
    for one in found.findings:
        named = ", ".join(str(who.contact_id) for who in one.people)
        more = ", ..." if one.count > len(one.people) else ""
        typer.echo(f"{one.level} ({one.count}): {one.message} Contacts {named}{more}.")


def _counts(counts: object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


async def _test(ask: TestAsk, to: str | None) -> None:
    async with opened(temporal=False) as runtime:
        async with runtime.store.transaction() as session:
            actor = SYSTEM if to is None else await person(session, to)
        tried = await send_test(runtime.store, actor, _desk(runtime), runtime.channel, ask)
    _print_tried(tried)


def _print_tried(tried: list[Tried]) -> None:
    table = Table("Address", "Language", "Subject", "Answer")
    for one in tried:
        said = one.answer if one.reason is None else f"{one.answer}: {one.reason}"
        table.add_row(one.address, one.language, one.subject, said)
    Console().print(table)


def _desk(runtime: Runtime) -> Desk:
    return Desk(runtime.library, runtime.sender_settings)
