"""`cadenza webhook`: systems that are told what happens, and the log of it."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from engine.cli._given import json_in, secret
from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused, Unavailable
from engine.services import deliveries as log
from engine.services import subscriptions as service
from engine.services.actor import SYSTEM
from engine.services.subscriptions import AskedSubscription, KnownSubscription
from engine.services.subscriptions.asked import MOST_AT_A_TIME, MOST_PER_SECOND

app = typer.Typer(help="Systems that are told what happens.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Its number; `cadenza webhook list` shows all.")]
Own = Annotated[
    bool, typer.Option("--own-secret", help="Read the receiver's secret from the input.")
]
# A driver calls within a second; the receiver has fifteen to answer.
PATIENCE_SECONDS = 25.0


@app.command(name="list")
def list_() -> None:
    """Every subscription, and how it does."""
    run(_list())


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What you call the receiver.")],
    url: Annotated[str, typer.Argument(help="Where it is told.")],
    event: Annotated[
        list[str], typer.Option("--event", help='An event, as often as needed; "*" for all.')
    ],
    rule: Annotated[
        Path | None, typer.Option(help="A file with a rule that is asked about each event.")
    ] = None,
    per_second: Annotated[
        int, typer.Option(help=f"Most calls a second, up to {MOST_PER_SECOND}.")
    ] = 50,
    concurrency: Annotated[
        int, typer.Option(help=f"Most calls at a time, up to {MOST_AT_A_TIME}.")
    ] = 4,
    own_secret: Own = False,
) -> None:
    """Subscribe a system, and print its secret: this once. `test` then enables it."""
    document = None if rule is None else json_in(rule, "The subscription was not kept.")
    asked = AskedSubscription(name, url, event, document, None, per_second, concurrency)
    run(_add(asked, secret() if own_secret else None))


@app.command()
def change(
    number: Number,
    name: Annotated[str | None, typer.Option(help="What you call the receiver.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it is told.")] = None,
    event: Annotated[
        list[str] | None, typer.Option("--event", help="These events instead, one an option.")
    ] = None,
    rule: Annotated[Path | None, typer.Option(help="A file with another rule.")] = None,
    no_rule: Annotated[bool, typer.Option("--no-rule", help="Ask no rule any more.")] = False,
    per_second: Annotated[int | None, typer.Option(help="Most calls a second.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Most calls at a time.")] = None,
) -> None:
    """Change what is said, and nothing else; what waits goes to the new address."""
    given = {
        "name": name,
        "url": url,
        "event_types": event or None,
        "per_second": per_second,
        "concurrency": concurrency,
    }
    changed: dict[str, Any] = {key: one for key, one in given.items() if one is not None}
    if rule is not None or no_rule:
        changed["rule"] = None if rule is None else json_in(rule, "Nothing was changed.")
    if not changed or (rule is not None and no_rule):
        problem = Problem("--name", "missing", "say what to change, and one thing of each")
        raise Refused("Nothing was changed.", [problem])
    run(_change(number, changed))


@app.command()
def test(number: Number) -> None:
    """Send a test, and say what came back. A success enables a subscription that is new."""
    run(_test(number))


@app.command()
def enable(number: Number) -> None:
    """Tell it from now on; what waited goes."""
    run(_switch(number, True))


@app.command()
def disable(number: Number) -> None:
    """Tell it nothing more; what waits is kept."""
    run(_switch(number, False))


@app.command()
def rotate(
    number: Number,
    overlap_hours: Annotated[
        int, typer.Option(help="How long messages are signed with both secrets.")
    ] = 24,
    own_secret: Own = False,
) -> None:
    """Print a new secret, this once; or keep the receiver's."""
    run(_rotate(number, timedelta(hours=overlap_hours), secret() if own_secret else None))


@app.command()
def remove(number: Number) -> None:
    """Remove a subscription with all that waits and its log."""
    run(_remove(number))


@app.command(name="log")
def log_(
    number: Number,
    state: Annotated[
        list[str] | None,
        typer.Option(help="waiting, delivered, failed ...; as often as needed."),
    ] = None,
    most: Annotated[int, typer.Option(help="How many lines.")] = 50,
) -> None:
    """What it was told, the newest first."""
    run(_log(number, state or [], most))


@app.command()
def replay(
    number: Number,
    delivery: Annotated[
        list[int] | None, typer.Option("--delivery", help="A delivery, as often as needed.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="All that came since then (UTC) and failed.")
    ] = None,
    delivered: Annotated[
        bool, typer.Option("--delivered", help="With --since: also what was delivered.")
    ] = False,
    missed: Annotated[
        bool, typer.Option("--missed", help="With --since: events it was never told of instead.")
    ] = False,
) -> None:
    """Send again, with the message ids that there were."""
    if (delivery is None) == (since is None):
        problem = Problem("--since", "missing", "name deliveries, or a moment")
        raise Refused("Nothing was sent again.", [problem])
    run(_replay(number, delivery or [], since, delivered, missed))


async def _list() -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await service.list_subscriptions(session, SYSTEM)
    table = Table("No.", "Receiver", "Address", "Events", "State", "Waiting", "Failed")
    for one in found:
        row, figures = one.row, one.figures
        table.add_row(
            *(str(row.id), row.name, row.url, ", ".join(row.event_types), _state(one)),
            *(str(figures.waiting), str(figures.failed)),
        )
    Console().print(table)


def _state(one: KnownSubscription) -> str:
    if not one.row.enabled:
        return f"disabled ({one.row.reason})"
    return "failing" if one.row.failing_since else "enabled"


async def _add(asked: AskedSubscription, secret: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        made = await service.create_subscription(
            session, SYSTEM, runtime.secrets, asked, runtime.now(), secret=secret
        )
    if secret is None:
        typer.echo(made.secret)
    shown = "" if secret is not None else "Its secret is shown only now. "
    typer.echo(
        f"Webhook {made.id}. {shown}`cadenza webhook test {made.id}` tries "
        "it, and enables it when that succeeds.",
        err=True,
    )


async def _change(number: int, changed: dict[str, Any]) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        known = await service.see_subscription(session, SYSTEM, number)
        asked = service.asked_of(known.row, **changed)
        await service.change_subscription(session, SYSTEM, number, asked, runtime.now())
    typer.echo(f"Webhook {number} is changed.")


async def _test(number: int) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            made = await service.test_subscription(session, SYSTEM, number, runtime.now())
        runtime.pokes.webhooks()
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            async with runtime.store.transaction() as session:
                seen = await log.see_delivery(session, SYSTEM, made)
            if seen.row.state in ("delivered", "failed"):
                return _told(number, seen)
            await asyncio.sleep(0.3)
    raise Unavailable(
        f"Nobody has made the test yet. Is a worker running? `cadenza webhook log {number}` shows "
        "what becomes of it."
    )


def _told(number: int, seen: log.SeenDelivery) -> None:
    if seen.row.state == "delivered":
        typer.echo(f"Webhook {number} answered {seen.row.status}.")
        return
    said = seen.attempts[0].answer[:300] if seen.attempts else ""
    problem = Problem("", seen.row.code or "failed", said)
    raise Refused(f"Webhook {number} did not take the test.", [problem])


async def _switch(number: int, enabled: bool) -> None:
    change = service.enable_subscription if enabled else service.disable_subscription
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            await change(session, SYSTEM, number, runtime.now())
        runtime.pokes.webhooks()
    typer.echo(f"Webhook {number} is {'enabled' if enabled else 'disabled'}.")


async def _rotate(number: int, overlap: timedelta, own: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        made = await service.rotate_secret(
            *(session, SYSTEM, runtime.secrets, number, runtime.now()),
            overlap=overlap,
            secret=own,
        )
    if own is None:
        typer.echo(made.secret)
    shown = "Shown only now. " if own is None else ""
    typer.echo(f"{shown}Until the overlap is over, messages carry both signatures.", err=True)


async def _remove(number: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await service.remove_subscription(session, SYSTEM, number)
    typer.echo(f"Webhook {number} is removed.")


async def _log(number: int, states: list[str], most: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        page = await log.list_deliveries(session, SYSTEM, number, states=states, limit=most)
    table = Table("Delivery", "Event", "State", "Tries", "Last answer", "Came (UTC)", "Next or end")
    for one in page.rows:
        table.add_row(
            *(str(one.id), one.type, one.state, str(one.attempts), one.code or ""),
            *(
                f"{one.created_at:%Y-%m-%d %H:%M:%S}",
                f"{one.ended_at or one.due_at:%m-%d %H:%M:%S}",
            ),
        )
    Console().print(table)


async def _replay(
    number: int, ids: list[int], since: datetime | None, delivered: bool, missed: bool
) -> None:
    async with opened() as runtime:
        now = runtime.now()
        async with runtime.store.transaction() as session:
            if since is None:
                count = await log.send_deliveries_again(session, SYSTEM, number, ids, now)
            else:
                moment = since.replace(tzinfo=now.tzinfo)
                states = ["failed", *(["delivered"] if delivered else [])]
                count = await (
                    log.send_missed(session, SYSTEM, number, moment, now)
                    if missed
                    else log.send_since_again(session, SYSTEM, number, moment, states, now)
                )
        runtime.pokes.webhooks()
    typer.echo(f"{count} go again." if not missed else f"{count} are told now.")
