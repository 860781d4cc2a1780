"""`cadenza escalation`: what waits to be taken up by somebody."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.cli._loop import run
from engine.cli._person import As, person
from engine.cli._runtime import opened
from engine.escalations.urgency import Urgency
from engine.flows.words import Words
from engine.services.actor import SYSTEM
from engine.services.escalations import answer_as, list_cases, show_case
from engine.services.escalations.by_hand import open_by_hand
from engine.services.people import find_user
from engine.services.work import working

app = typer.Typer(help="What waits to be taken up by somebody.", no_args_is_help=True)

Case = Annotated[int, typer.Argument(help="The number of the case, as list shows it.")]
Comment = Annotated[str | None, typer.Option(help="What was done, for those who read it later.")]


@app.command(name="list")
def list_(
    over: Annotated[bool, typer.Option(help="Those that are over instead.")] = False,
) -> None:
    """What nobody has resolved yet, the oldest first."""
    run(_list(over))


@app.command()
def show(case: Case) -> None:
    """One case: what it is about, and who was told when."""
    run(_show(case))


@app.command(name="open")
def open_(
    policy: Annotated[str, typer.Argument(help="The name of a published escalation policy.")],
    title: Annotated[str, typer.Argument(help="What must be taken up.")],
    as_: As,
    contact: Annotated[int, typer.Option(help="The contact it is about.")],
    body: Annotated[str, typer.Option(help="More about it.")] = "",
    urgency: Annotated[Urgency, typer.Option(help="How urgent it is.")] = Urgency.NORMAL,
) -> None:
    """Tell people by a policy; a case that is open about the same takes it in."""
    run(_open(policy, title, as_, contact, body, urgency))


@app.command()
def ack(case: Case, as_: As) -> None:
    """Take it up; nobody else is told, and a run that waits for it goes on at once."""
    run(_answer(case, as_, "acknowledge", "is taken up"))


@app.command()
def resolve(case: Case, as_: As, comment: Comment = None) -> None:
    """It is done, for good."""
    run(_answer(case, as_, "resolve", "is resolved", comment=comment))


@app.command()
def give(case: Case, to: Annotated[str, typer.Argument(help="Their address.")], as_: As) -> None:
    """Give it to somebody, who then has taken it up."""
    run(_answer(case, as_, "reassign", f"is given to {to}", to=to))


@app.command()
def pause(case: Case, as_: As) -> None:
    """Stop its clocks; what is left of them stays."""
    run(_answer(case, as_, "pause", "is paused"))


@app.command()
def resume(case: Case, as_: As) -> None:
    """Let its clocks go on."""
    run(_answer(case, as_, "resume", "goes on"))


async def _list(over: bool) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        cases = await list_cases(session, SYSTEM, over=over)
    table = Table("Case", "Title", "About", "Urgency", "State", "Level", "Told", "Since (UTC)")
    for one in cases:
        table.add_row(
            str(one.id),
            escape(one.title.en),
            escape(f"{one.subject_kind} {one.subject_id}"),
            one.urgency,
            "paused" if one.paused else one.status,
            str(one.level),
            escape(", ".join(one.told)),
            one.opened_at.strftime("%Y-%m-%d %H:%M"),
        )
    Console().print(table)


async def _show(case_id: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        case, steps = await show_case(session, SYSTEM, case_id)
    typer.echo(f"{case.title.en} ({case.subject_kind} {case.subject_id}, {case.policy})")
    if case.body.en:
        typer.echo(case.body.en)
    state = "paused" if case.paused else case.status
    due = f"; next at {case.due_at:%Y-%m-%d %H:%M} UTC" if case.due_at else ""
    typer.echo(f"{case.urgency}, {state}, asked for {case.asked} times{due}")
    table = Table("At (UTC)", "What", "Level", "Who", "Why")
    for one in steps:
        table.add_row(
            one.at.strftime("%Y-%m-%d %H:%M:%S"),
            one.kind,
            "" if one.level is None else str(one.level),
            escape(one.who or ""),
            escape(one.why or ""),
        )
    Console().print(table)


async def _open(
    policy: str, title: str, email: str, contact: int, body: str, urgency: Urgency
) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            actor = await person(session, email)
        async with working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work:
            case_id = await open_by_hand(
                work,
                actor,
                policy=policy,
                subject_kind="contact",
                subject_id=contact,
                title=Words(title, title),
                body=Words(body, body),
                urgency=urgency,
                key=f"cli/{secrets.token_hex(16)}",
            )
    typer.echo(f"Case {case_id} is open.")


async def _answer(
    case_id: int,
    email: str,
    verb: str,
    done: str,
    *,
    comment: str | None = None,
    to: str | None = None,
) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            actor = await person(session, email)
            given: dict[str, str | int] = {"comment": comment} if comment else {}
            if to is not None:
                given["to"] = (await find_user(session, SYSTEM, to)).id
        await answer_as(runtime.store, runtime.pokes, actor, case_id, verb, given, door="cli")
    typer.echo(f"Case {case_id} {done}.")
