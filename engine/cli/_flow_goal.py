"""`cadenza flow goal` and `winner`: what a flow brought about, and which arm is better."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import typer
from babel.numbers import format_currency, get_currency_precision
from rich.console import Console
from rich.table import Table

from engine.cli._loop import run
from engine.cli._runtime import opened
from engine.errors import Problem, Refused
from engine.measuring import Interval, Says
from engine.services.actor import SYSTEM
from engine.services.field_values import ValueRefused, instant
from engine.services.goals.contests import Contest
from engine.services.goals.results import FlowResults, GroupResult, Revenue, flow_results
from engine.services.goals.winners import choose_winner, compare, withdraw

Name = Annotated[str, typer.Argument(help="The flow's name.")]
SAID = {
    Says.TOO_FEW: "too few people to say anything",
    Says.UNCLEAR: "chance may explain the difference",
    Says.MORE: "more than without the flow",
    Says.FEWER: "fewer than without the flow",
}


def goal(
    name: Name,
    version: Annotated[int | None, typer.Option(help="Only who entered this version.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only who entered since, e.g. 2026-05-01.")
    ] = None,
    confidence: Annotated[int, typer.Option(min=50, max=99, help="In percent.")] = 95,
) -> None:
    """Who reached the goal, in the flow and in its holdout, and what it earned."""
    run(_goal(name, version, since, confidence))


def winner(
    name: Name,
    node: Annotated[str | None, typer.Argument(help="The split.")] = None,
    arm: Annotated[str | None, typer.Argument(help="The arm that everybody goes by.")] = None,
    take_back: Annotated[
        bool, typer.Option("--withdraw", help="Let chance part people again.")
    ] = False,
) -> None:
    """How the arms of a flow's splits stand; or decide by hand which one wins."""
    if take_back and node is not None and arm is None:
        run(_withdraw(name, node))
    elif node is not None and arm is not None and not take_back:
        run(_choose(name, node, arm))
    elif take_back:
        problem = Problem("--withdraw", "bad_choice", "it takes a split and no arm.")
        raise Refused("The options cannot be used.", [problem])
    else:
        run(_compare(name, node))


async def _goal(name: str, version: int | None, since: str | None, confidence: int) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await flow_results(
            session,
            SYSTEM,
            name,
            version=version,
            since=_instant(since),
            confidence=confidence / 100,
        )
    _show(found)


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else instant(text, zone="UTC")
    except ValueRefused as refusal:
        problem = Problem("--since", refusal.code, refusal.message)
        raise Refused("The options cannot be used.", [problem]) from refusal


def _show(found: FlowResults) -> None:
    if found.goal is None:
        typer.echo(f'"{found.flow}" has no goal.')
        return
    within = f" within {found.goal.within}" if found.goal.within else ""
    typer.echo(f"Goal: {found.goal.event}{within}")
    table = Table("", "People", "Reached", "Rate", "Between", "Revenue", "Per person")
    table.add_row("in the flow", *_cells(found.inside))
    table.add_row("held out", *_cells(found.holdout))
    Console().print(table)
    if found.lift is None:
        typer.echo("Nothing to compare with: one of the two is empty. Write a holdout.")
        return
    lift = found.lift
    typer.echo(f"Difference: {lift.apart:+.2%} ({_between(lift.apart_interval)})")
    if lift.relative is not None:
        bounds = f" ({_between(lift.relative_interval)})" if lift.relative_interval else ""
        typer.echo(f"Relative lift: {lift.relative:+.1%}{bounds}")
    typer.echo(f"At {found.confidence:.0%} confidence: {SAID[lift.says]}.")


def _cells(group: GroupResult) -> list[str]:
    return [
        f"{group.people:,}",
        f"{group.reached:,}",
        f"{group.rate:.2%}",
        f"{group.interval.low:.2%} - {group.interval.high:.2%}",
        "\n".join(_money(one.amount_minor, one) for one in group.revenue),
        "\n".join(_money(round(one.per_person_minor), one) for one in group.revenue),
    ]


def _money(minor: int, of: Revenue) -> str:
    amount = Decimal(minor).scaleb(-get_currency_precision(of.currency))
    return str(format_currency(amount, of.currency, locale="en"))


def _between(interval: Interval) -> str:
    return f"{interval.low:+.2%} to {interval.high:+.2%}"


async def _compare(name: str, node: str | None) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        found = await compare(session, SYSTEM, runtime.plans, name)
    shown = [one for one in found if node in (None, one.node)]
    if not shown:
        typer.echo(f'No split of "{name}" compares its arms; give one a "winner".')
    for contest in shown:
        _show_contest(contest)


def _show_contest(contest: Contest) -> None:
    table = Table(contest.node, "Weight", "People", "Reached", "Rate")
    for arm in (*contest.arms, *contest.holdout):
        rate = f"{arm.rate:.2%}"
        table.add_row(arm.name, str(arm.weight), f"{arm.people:,}", f"{arm.reached:,}", rate)
    Console().print(table)
    found = contest.evidence
    typer.echo(f"Evidence {found.against:,.2f} of {found.needed:,.2f} needed.")
    if contest.won is not None:
        won = contest.won
        typer.echo(f'"{won.arm}" won on {won.decided_at:%Y-%m-%d}, decided by {won.decided_by}.')


async def _choose(name: str, node: str, arm: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await choose_winner(session, SYSTEM, runtime.plans, name, node, arm, runtime.now())
    typer.echo(f'From now on everybody who comes to "{node}" goes by "{arm}".')


async def _withdraw(name: str, node: str) -> None:
    async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
        await withdraw(session, SYSTEM, runtime.plans, name, node, runtime.now())
    typer.echo(f'Chance parts people at "{node}" again.')
