"""What people call a flow: `welcome` (what is published), `welcome@3`, `welcome@draft`."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import FlowVersion
from engine.errors import Conflict, NotFound
from engine.flows.load import load_flow
from engine.flows.model import Flow
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.version_moves.versions import flow_of, flow_record, numbered
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class NamedFlow:
    """`label` is how lists and diffs name it; `number` is None for a draft."""

    flow: Flow
    label: str
    number: int | None = None


async def named_flow(session: AsyncSession, actor: Actor, called: str) -> NamedFlow:
    """The flow that is meant. Raises NotFound, Conflict where nothing is published, and FlowRefused
    for a draft that is no flow.
    """
    allowed(actor, "read", "flow")
    name, at, which = called.partition("@")
    if at and which == "draft":
        return await _draft(session, name)
    if at:
        version = await numbered(session, name, _number(called, which))
        return NamedFlow(flow_of(version), called, version.number)
    record = await flow_record(session, name)
    if record.published_version_id is None:
        raise Conflict(f'Flow "{name}" was never published. Its draft is "{name}@draft".')
    version = await session.get_one(FlowVersion, record.published_version_id)
    return NamedFlow(flow_of(version), f"{name}@{version.number}", version.number)


async def _draft(session: AsyncSession, name: str) -> NamedFlow:
    record = await flow_record(session, name)
    catalogue = await current_catalogue(session)
    label = f"{name}@draft"
    flow = load_flow(record.draft_source, file=label, kinds=STEP_KINDS, catalogue=catalogue)
    return NamedFlow(flow, label)


def _number(called: str, which: str) -> int:
    if which.isascii() and which.isdigit() and len(which) < 10:
        return int(which)
    raise NotFound(f'"{called}" is no version; write a number behind the @, or "draft".')
