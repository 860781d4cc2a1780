"""Pausing single nodes of a flow: people come as far as the node and stay.

Whoever stands on a paused node or arrives there stays, whatever falls due or happens meanwhile;
what happens is set aside, what was asked there waits. Other nodes go on. When the node goes on,
everybody is told what they missed, and what fell due is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import flow_named
from crm_store.models import Flow as FlowRecord
from crm_store.pauses import due_again, hold_pauses, waiting_at
from engine.errors import Conflict, NotFound
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.plans import Plans


@dataclass(frozen=True, slots=True)
class NodePause:
    """A node after it was paused or resumed. `changed` is False when it was so already; `waiting`
    are the runs that fell due there, and of a node that goes on those that are due now."""

    flow: str
    node: str
    paused: bool
    changed: bool
    waiting: int


async def pause_node(
    session: AsyncSession, actor: Actor, flow: str, node: str, *, plans: Plans, now: datetime
) -> NodePause:
    """Hold everybody who stands on this node or comes to it, in every version of the flow.

    From the commit on nobody leaves it and nothing is sent from it; a message that is being handed
    over at that moment still goes. Raises NotAllowed, NotFound, Conflict (nothing is published).
    """
    record = await _held(session, actor, flow)
    if node in record.paused_nodes:
        return NodePause(flow, node, True, False, await _waiting(session, record, node))
    await _require_node(session, plans, record, node)
    await _write(session, actor, record, sorted([*record.paused_nodes, node]), "pause_node", now)
    return NodePause(flow, node, True, True, 0)


async def resume_node(
    session: AsyncSession, actor: Actor, flow: str, node: str, *, now: datetime
) -> NodePause:
    """Let people go on from this node; what fell due meanwhile is due now. Poke the flow's drivers
    after the commit (`flows.poke_all`). Raises NotAllowed, NotFound."""
    record = await _held(session, actor, flow)
    if node not in record.paused_nodes:
        return NodePause(flow, node, False, False, 0)
    left = [other for other in record.paused_nodes if other != node]
    await _write(session, actor, record, left, "resume_node", now)
    return NodePause(flow, node, False, True, await due_again(session, record.id, node))


async def _held(session: AsyncSession, actor: Actor, flow: str) -> FlowRecord:
    allowed(actor, "pause", "flow")
    await hold_pauses(session)
    record = await flow_named(session, flow, lock=True)
    if record is None:
        raise NotFound(f'There is no flow "{flow}".')
    return record


async def _require_node(session: AsyncSession, plans: Plans, record: FlowRecord, node: str) -> None:
    """The node must be one of the published version; older versions share its name or lack it."""
    book = await plans.book(session)
    active = book.flows.get(record.id)
    if active is None:
        raise Conflict(f'Flow "{record.name}" is not published, so nobody stands on its nodes.')
    if node not in active.plan.nodes:
        known = ", ".join(active.plan.nodes)
        raise NotFound(f'Flow "{record.name}" has no node "{node}"; it has {known}.')


async def _write(
    session: AsyncSession,
    actor: Actor,
    record: FlowRecord,
    nodes: list[str],
    verb: str,
    now: datetime,
) -> None:
    before, record.paused_nodes, record.updated_at = list(record.paused_nodes), nodes, now
    await session.flush()
    await audit.record(
        session,
        actor,
        verb,
        "flow",
        record.id,
        {"paused_nodes": before},
        {"paused_nodes": nodes},
    )


async def _waiting(session: AsyncSession, record: FlowRecord, node: str) -> int:
    return (await waiting_at(session, record.id, [node])).get(node, (0, 0))[0]
