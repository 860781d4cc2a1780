"""Deciding which arm of a split everybody goes by: by the test, or by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.splits import WinnerRow, add_winner, lock_flow, withdraw_winner
from engine.errors import NotFound, Refused
from engine.measuring import METHOD
from engine.services import audit
from engine.services.actor import SYSTEM, Actor, allowed
from engine.services.goals.contests import BY_HAND, Contest, contests_among, contests_of
from engine.services.plans import ActiveFlow, Plans


@dataclass(frozen=True, slots=True)
class Decided:
    """`open` comparisons go on; `winners` are (flow, node, arm) decided now."""

    open: int
    winners: tuple[tuple[str, str, str], ...]


async def decide_winners(session: AsyncSession, plans: Plans, now: datetime) -> Decided:
    """Look at every comparison that may decide itself. Looking as often as one likes is what the
    test is made for; two who look at once decide once.
    """
    book = await plans.book(session)
    still_open, winners = 0, []
    for flow in contests_among(book.flows.values()):
        if not flow.enterable or flow.id in book.paused:
            continue
        for contest in await contests_of(session, flow):
            if not contest.is_open:
                continue
            if contest.evidence.winner is None:
                still_open += 1
                continue
            arm = contest.evidence.winner
            if await _decide(session, SYSTEM, plans, contest, arm, METHOD, now):
                winners.append((flow.name, contest.node, arm))
    return Decided(still_open, tuple(winners))


async def compare(
    session: AsyncSession, actor: Actor, plans: Plans, flow_name: str
) -> list[Contest]:
    """How the arms of a flow's splits stand; raises NotFound."""
    allowed(actor, "read", "flow")
    return await contests_of(session, await _published(session, plans, flow_name))


async def choose_winner(
    session: AsyncSession,
    actor: Actor,
    plans: Plans,
    flow_name: str,
    node: str,
    arm: str,
    now: datetime,
) -> Contest:
    """From now on everybody who comes to the node goes by this arm; those inside stay where they
    are. An earlier decision is replaced.
    """
    allowed(actor, "publish", "flow")
    contest = await _contest(session, actor, plans, flow_name, node)
    if arm not in {one.name for one in contest.arms}:
        names = ", ".join(one.name for one in contest.arms)
        raise Refused(f'"{arm}" cannot win at "{node}"; choose one of {names}.')
    await lock_flow(session, contest.flow_id)
    await withdraw_winner(session, contest.flow_id, node, now)
    await _write(session, actor, contest, arm, BY_HAND, now)
    return contest


async def withdraw(
    session: AsyncSession, actor: Actor, plans: Plans, flow_name: str, node: str, now: datetime
) -> None:
    """Let chance part people again. The test does not decide about these arms any more."""
    allowed(actor, "publish", "flow")
    contest = await _contest(session, actor, plans, flow_name, node)
    if not await withdraw_winner(session, contest.flow_id, node, now):
        raise NotFound(f'No arm of "{node}" has won. There is nothing to withdraw.')
    before = {"node": node, "arm": contest.won.arm if contest.won else None}
    await audit.record(session, actor, "withdraw_winner", "flow", contest.flow_id, before=before)


async def _contest(
    session: AsyncSession, actor: Actor, plans: Plans, flow_name: str, node: str
) -> Contest:
    found = await compare(session, actor, plans, flow_name)
    for contest in found:
        if contest.node == node:
            return contest
    names = ", ".join(contest.node for contest in found) or 'none has a "winner"'
    raise NotFound(f'"{node}" is no split of "{flow_name}" whose arms are compared: {names}.')


async def _published(session: AsyncSession, plans: Plans, name: str) -> ActiveFlow:
    book = await plans.book(session)
    found = next((flow for flow in book.flows.values() if flow.name == name), None)
    if found is None:
        raise NotFound(f'There is no published flow "{name}". `cadenza flow list` shows all.')
    return found


async def _decide(
    session: AsyncSession,
    actor: Actor,
    plans: Plans,
    contest: Contest,
    arm: str,
    method: str,
    now: datetime,
) -> bool:
    await lock_flow(session, contest.flow_id)
    # asked again under the lock: somebody may have decided meanwhile
    flow = (await plans.book(session)).flows.get(contest.flow_id)
    again = await contests_of(session, flow) if flow is not None else []
    if not any(one.node == contest.node and one.is_open for one in again):
        return False
    await _write(session, actor, contest, arm, method, now)
    return True


async def _write(
    session: AsyncSession, actor: Actor, contest: Contest, arm: str, method: str, now: datetime
) -> None:
    evidence: dict[str, Any] = contest.document()
    await add_winner(
        session,
        WinnerRow(
            flow_id=contest.flow_id,
            node=contest.node,
            arm=arm,
            arms=tuple(sorted(one.name for one in contest.arms)),
            method=method,
            decided_by=actor.name,
            evidence=evidence,
            decided_at=now,
            withdrawn_at=None,
        ),
    )
    after = {"node": contest.node, "arm": arm, "method": method, "evidence": evidence}
    await audit.record(session, actor, "decide_winner", "flow", contest.flow_id, after=after)
