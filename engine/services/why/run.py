"""Why a run stands where it stands, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import why as rows
from crm_store.lists.runs import journal_of, run_with_flow
from crm_store.models import Flow, Run
from engine.errors import NotFound
from engine.services.actor import Actor
from engine.services.plans import Plans
from engine.services.views.runs import may_look_at_run
from engine.services.why import sayings as say
from engine.services.why.findings import Finding, Stance, finding
from engine.services.why.waits import words_of

_LAST_PASSES = 500


@dataclass(frozen=True, slots=True)
class WhyHere:
    """`findings` say what keeps the run (`against`) and what will move it (`for`)."""

    run_id: int
    state: str
    node: str
    findings: tuple[Finding, ...]


async def why_here(
    session: AsyncSession, actor: Actor, run_id: int, *, plans: Plans, now: datetime
) -> WhyHere:
    """Raises NotAllowed, NotFound."""
    await may_look_at_run(session, actor, run_id)
    found = await run_with_flow(session, run_id)
    if found is None:
        raise NotFound(f"There is no run {run_id}.")
    run, flow = found[0], found[1]
    if run.state == "ended":
        over = finding("ended", Stance.NOTE, say.ENDED, outcome=run.outcome or "")
        return WhyHere(run.id, run.state, run.node, (over,))
    findings = _of_pauses(run, flow)
    if run.state == "held":
        findings.append(await _of_hold(session, run))
    else:
        findings += await _of_waiting(session, run, now)
    aside = (run.happening or {}).get("ids", ())
    if aside:
        findings.append(finding("aside", Stance.NOTE, say.ASIDE, count=len(aside)))
    if not await plans.plans(session, {run.flow_version_id}):
        reason = plans.why_broken(run.flow_version_id)
        findings.append(finding("unreadable", Stance.AGAINST, say.UNREADABLE, reason=reason))
    return WhyHere(run.id, run.state, run.node, tuple(findings))


def _of_pauses(run: Run, flow: Flow) -> list[Finding]:
    found: list[Finding] = []
    if flow.state == "paused":
        found.append(finding("flow_paused", Stance.AGAINST, say.FLOW_PAUSED))
    if run.node in flow.paused_nodes:
        found.append(finding("node_paused", Stance.AGAINST, say.NODE_PAUSED, node=run.node))
    return found


async def _of_hold(session: AsyncSession, run: Run) -> Finding:
    message = ""
    for row in reversed(await journal_of(session, run.id, limit=_LAST_PASSES)):
        if held := next((one for one in reversed(row.entries) if one.get("what") == "held"), None):
            message = _message(held)
            break
    return finding("held", Stance.AGAINST, say.HELD, code=run.outcome or "", message=message)


def _message(entry: Mapping[str, Any]) -> str:
    return str((entry.get("why") or {}).get("message", ""))


async def _of_waiting(session: AsyncSession, run: Run, now: datetime) -> list[Finding]:
    found: list[Finding] = []
    if run.listens:
        names = ", ".join(f"“{name}”" for name in run.listens)
        found.append(finding("listens", Stance.FOR, say.LISTENS, events=names))
    if run.paused_due is not None:
        until = run.paused_due.isoformat()
        found.append(finding("fell_due", Stance.NOTE, say.FELL_DUE, until=until))
    elif run.due_at is not None:
        words = say.WAITS_UNTIL if run.due_at > now else say.DUE
        code = "waits_until" if run.due_at > now else "due"
        found.append(finding(code, Stance.FOR, words, until=run.due_at.isoformat()))
    if run.due_at is None and run.paused_due is None and not run.listens:
        found.append(await _of_ask(session, run))
    return found


async def _of_ask(session: AsyncSession, run: Run) -> Finding:
    ask = await rows.open_ask(session, run.id, run.node, run.visit)
    if ask is None:
        return finding("nothing_open", Stance.AGAINST, say.NOTHING_OPEN)
    until = ask.not_before.isoformat()
    if ask.state == "pending" and ask.waits is not None:
        words = words_of(ask.waits)
        return finding("message_waits", Stance.FOR, words, until=until, reason=ask.waits)
    words = say.HANDING_OVER if ask.state == "handing_over" else say.ASKED
    return finding(
        "asked",
        Stance.FOR,
        words,
        kind=ask.kind,
        attempts=ask.attempts,
        not_before=until,
    )
