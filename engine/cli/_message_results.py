"""`cadenza message results`: what messages brought about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from engine.cli._loop import run
from engine.cli._moments import moment_from
from engine.cli._runtime import opened
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.message_results import (
    BY,
    DEFAULT_BY,
    Question,
    Result,
    csv_of,
    link_results,
    message_results,
    response,
)
from engine.services.message_results.csv_text import table

Cell = str | int | float | None
Lines = list[Sequence[Cell]]

_MORE: Final = ("link", "delay", "hour")


def results(
    flow: Annotated[str | None, typer.Option(help="Only messages of this flow.")] = None,
    node: Annotated[str | None, typer.Option(help="Only of this node.")] = None,
    template: Annotated[str | None, typer.Option(help="Only of this template.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only handed over since then: a day, or a time with offset.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only handed over before then.")] = None,
    by: Annotated[
        str, typer.Option(help=f"What is compared: {', '.join((*BY, *_MORE))}.")
    ] = DEFAULT_BY,
    csv: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
) -> None:
    """Sent, delivered, opened, clicked, bounced, goals and revenue of messages.

    A dash stands for what nobody reports. Opens that only machines made are apart.
    """
    run(_results(flow, node, template, since, until, by, csv))


async def _results(
    flow: str | None,
    node: str | None,
    template: str | None,
    since: str | None,
    until: str | None,
    by: str,
    file: Path | None,
) -> None:
    asked = Question(
        "all" if by in _MORE else by,
        flow,
        node,
        template,
        moment_from(since) if since else None,
        moment_from(until) if until else None,
    )
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if by in _MORE:
            lines = await _more(runtime, session, asked, by)
            text = table(lines)
        else:
            found = await message_results(session, SYSTEM, asked)
            lines = [_HEAD, *(_line(one, asked.columns) for one in found)]
            text = csv_of(found, asked.columns)
    if file is None:
        for line in lines:
            typer.echo("\t".join("-" if cell is None else str(cell) for cell in line))
        return
    # a spreadsheet knows by the mark that the file is UTF-8
    file.write_text(text, encoding="utf-8-sig", newline="")  # noqa: ASYNC240 - a command
    typer.echo(f"{len(lines) - 1} lines in {file}.", err=True)


_HEAD: Final = (
    *("what", "sent", "maybe", "delivered", "opened", "by machines", "clicked", "clicked/opened"),
    *("bounced", "complained", "unsubscribed", "goals", "revenue"),
)


def _line(one: Result, columns: Sequence[str]) -> Sequence[Cell]:
    figures = one.figures
    money = "; ".join(f"{found.amount_minor} {found.currency} minor" for found in one.revenue)
    return (
        " / ".join(one.key[column] or "-" for column in columns) or "all",
        figures.sent,
        figures.maybe_sent,
        figures.delivered,
        figures.opened,
        figures.machine_opened,
        figures.clicked,
        None if figures.click_to_open is None else f"{figures.click_to_open:.1%}",
        figures.bounced + figures.soft_bounced + figures.blocked,
        figures.complained,
        figures.unsubscribed,
        one.conversions,
        money or None,
    )


async def _more(runtime: Runtime, session: AsyncSession, asked: Question, by: str) -> Lines:
    if by == "link":
        links = await link_results(session, SYSTEM, asked)
        return [("link", "clicked", "machines"), *((o.link, o.clicked, o.machines) for o in links)]
    zone = runtime.settings.company.default_zone
    found = await response(session, SYSTEM, asked, runtime.now(), zone)
    if by == "hour":
        hours = [(one.hour, one.opened, one.clicked) for one in found.hours]
        return [("hour", "opened", "clicked"), *hours]
    waits = [(o.from_hours, o.until_hours, o.opened, o.clicked) for o in found.delays]
    return [("from hours", "until hours", "opened", "clicked"), *waits]
