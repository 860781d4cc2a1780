"""`cadenza approval`: what our people are to decide, and what needs their agreement."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._flow_text import text_of
from engine.cli._loop import run
from engine.cli._person import As, person
from engine.cli._runtime import opened
from engine.definitions import read_definition
from engine.runtime import Runtime
from engine.services.actor import SYSTEM
from engine.services.approvals.doors import give_answer, insisted
from engine.services.approvals.publishing import ask_to_publish, list_publish_rules, require_chain
from engine.services.approvals.reading import Request, list_requests, must_exist, read_request
from engine.services.work import Work, working

app = typer.Typer(help="Requests that wait for somebody's decision.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The number of the request, as list shows it.")]
Comment = Annotated[str | None, typer.Option(help="Why, for those who read it later.")]


@app.command(name="list")
def list_(
    ended: Annotated[bool, typer.Option("--all", help="Those that have ended, too.")] = False,
) -> None:
    """What waits for a decision, the oldest first."""
    run(_list(ended))


@app.command()
def show(request: Number) -> None:
    """One request: who is asked, and what became of it so far."""
    run(_show(request))


@app.command()
def approve(request: Number, as_: As, comment: Comment = None) -> None:
    """Decide for it; what waits for it goes on at once."""
    run(_answer(request, as_, "approve", comment))


@app.command()
def reject(request: Number, as_: As, comment: Comment = None) -> None:
    """Decide against it; what waits for it goes on at once."""
    run(_answer(request, as_, "reject", comment))


@app.command()
def recall(request: Number, as_: As, comment: Comment = None) -> None:
    """Take a request back, as who asked or as an admin."""
    run(_answer(request, as_, "recall", comment))


@app.command()
def require(
    kind: Annotated[
        str,
        typer.Argument(
            help="flow, template, pipeline, approval_chain, escalation_policy or assignment."
        ),
    ],
    chain: Annotated[str | None, typer.Option(help="The chain that must agree.")] = None,
    name: Annotated[str, typer.Option(help="Only this one of the kind.")] = "",
    never: Annotated[bool, typer.Option("--never", help="Take the rule away.")] = False,
) -> None:
    """Say that publishing needs a chain's agreement; without a chain, show what is said."""
    run(_require(kind, name, None if never else chain, change=never or chain is not None))


@app.command()
def ask(
    kind: Annotated[str, typer.Argument(help="flow, template, or a kind of definition.")],
    name: Annotated[str, typer.Argument(help="Whose draft is to be published.")],
    as_: As,
    file: Annotated[Path | None, typer.Option(help="The file of a definition.")] = None,
) -> None:
    """Ask the chain that must agree before a draft is published; then it is published by itself."""
    run(_ask(kind, name, as_, file))


def _work(runtime: Runtime) -> AbstractAsyncContextManager[Work]:
    return working(runtime.store, runtime.shared, runtime.pokes, runtime.now())


async def _list(ended: bool) -> None:
    async with opened(temporal=False) as runtime, _work(runtime) as work:
        requests = await list_requests(work, SYSTEM, open_only=not ended)
    table = Table("Request", "Title", "Status", "Level", "Asked of", "For", "Until (UTC)")
    for one in requests:
        table.add_row(
            str(one.id),
            escape(one.title.en),
            one.status,
            escape(one.level.en),
            escape(", ".join(voice.holder for voice in one.voices if voice.vote is None) or "-"),
            escape(one.requester or "-"),
            one.deadline.strftime("%Y-%m-%d %H:%M") if one.deadline else "-",
        )
    Console().print(table)


async def _show(request_id: int) -> None:
    async with opened(temporal=False) as runtime, _work(runtime) as work:
        one, history = await read_request(work, SYSTEM, request_id)
    console = Console()
    for line in _lines(one):
        console.print(escape(line))
    table = Table("When (UTC)", "Who", "Did", "Level", "Through", "Said")
    for entry in history:
        table.add_row(
            entry.at.strftime("%Y-%m-%d %H:%M"),
            escape(entry.by or "-"),
            entry.verb,
            entry.level or "-",
            entry.door or "-",
            escape(entry.comment or ""),
        )
    console.print(table)


def _lines(one: Request) -> list[str]:
    lines = [f"{one.id}: {one.title.en}", one.body.en, f"status: {one.status}"]
    if one.why:
        lines[-1] += f" ({one.why})"
    lines.append(f"levels: {', '.join(one.levels)}; now {one.level_key}")
    lines += [
        f"  {voice.holder}: {f'{voice.vote} by {voice.by}' if voice.vote else 'not yet'}"
        for voice in one.voices
    ]
    if one.amount is not None:
        lines.append(f"amount: {one.amount.shown()}")
    return [line for line in lines if line]


async def _answer(request_id: int, email: str, verb: str, comment: str | None) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            actor = await person(session, email)
            await must_exist(session, actor, request_id)
        given = {"comment": comment} if comment else {}
        answered = await give_answer(runtime.pokes, actor, request_id, verb, given, door="command")
    status = insisted(answered, request_id).details["status"]
    typer.echo(f"Request {request_id}: {verb} was taken; it is {status}.")


async def _ask(kind: str, name: str, email: str, file: Path | None) -> None:
    draft = None if file is None else read_definition(text_of(file), file.name)
    async with opened() as runtime, _work(runtime) as work:
        actor = await person(work.session, email)
        request_id = await ask_to_publish(work, actor, kind, name, draft=draft)
    typer.echo(f"Request {request_id} was opened. `cadenza approval show {request_id}` follows it.")


async def _require(kind: str, name: str, chain: str | None, *, change: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        if change:
            await require_chain(session, SYSTEM, kind, name, chain)
        rules = await list_publish_rules(session, SYSTEM)
    table = Table("Publishing a", "Called", "Needs the chain")
    for one in rules:
        table.add_row(one.kind, one.name or "(any)", one.chain)
    Console().print(table)
