"""Two versions beside each other: what differs, and what a move of those inside would be."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from engine.flows.diff import FlowDiff, diff_flows
from engine.flows.migration import MovePlan, Proposal
from engine.services.actor import Actor, allowed
from engine.services.version_moves.asking import Preview, preview, propose_plan
from engine.services.version_moves.versions import two_versions
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class Compared:
    """`plan` is the proposal, `preview` whom it would concern now; `proposals` say why."""

    diff: FlowDiff
    plan: MovePlan
    proposals: tuple[Proposal, ...]
    preview: Preview


async def compared(
    session: AsyncSession, actor: Actor, name: str, from_number: int, to_number: int
) -> Compared:
    """Raises NotFound for a version that is not there."""
    allowed(actor, "read", "flow")
    versions = await two_versions(session, name, from_number, to_number)
    proposed = await propose_plan(session, actor, name, from_number, to_number)
    plan = proposed.plan(name, from_number, to_number)
    return Compared(
        diff_flows(versions.pair.old, versions.pair.new, kinds=STEP_KINDS),
        plan,
        proposed.proposals,
        await preview(session, actor, plan),
    )
