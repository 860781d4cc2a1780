"""`cadenza why`: why a contact is in a flow, or is not."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli._loop import run
from engine.cli._rule_options import language_from
from engine.cli._runtime import opened
from engine.rules.types import Language
from engine.services.actor import SYSTEM
from engine.services.why import Stance, why, why_here

app = typer.Typer(add_completion=False)

MARKS = {Stance.FOR: "+", Stance.AGAINST: "-", Stance.NOTE: " "}


@app.command()
def why_(
    flow: Annotated[str, typer.Argument(help="The flow's name.")],
    contact: Annotated[str, typer.Argument(help="The contact's number or e-mail address.")],
    language: Annotated[str, typer.Option("--language", help="en or zh.")] = "en",
) -> None:
    """Say why a contact is in a flow, or is not, and what its runs wait for."""
    run(_why(flow, contact, language_from(language)))


async def _why(flow: str, contact: str, language: Language) -> None:
    called: int | str = int(contact) if contact.isdecimal() and len(contact) < 19 else contact
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        zone = runtime.settings.company.default_zone
        told = await why(
            session,
            SYSTEM,
            flow,
            called,
            plans=runtime.plans,
            now=runtime.now(),
            default_zone=zone,
        )
        typer.echo(told.said[language])
        for one in told.findings:
            typer.echo(f"{MARKS[one.stance]} {one.in_language(language)}")
        for run_id in told.run_ids:
            here = await why_here(session, SYSTEM, run_id, plans=runtime.plans, now=runtime.now())
            for one in here.findings if here.state != "ended" else ():
                typer.echo(f"{MARKS[one.stance]} run {run_id}: {one.in_language(language)}")
