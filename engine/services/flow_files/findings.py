"""Everything that can be found in a flow's text without running it; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from engine.flows.load import read_flow
from engine.flows.problems import FlowProblem, FlowRefused
from engine.services.actor import Actor, allowed
from engine.services.flow_checks import flow_findings
from engine.services.plans import current_catalogue
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class SourceFindings:
    """`name` is None for a text that is no flow at all."""

    name: str | None
    problems: tuple[FlowProblem, ...]


async def findings_in(
    session: AsyncSession, actor: Actor, source: str, *, library: TemplateLibrary, file: str
) -> SourceFindings:
    """Raises NotAllowed alone: what is wrong with the text is the answer."""
    allowed(actor, "read", "flow")
    catalogue = await current_catalogue(session)
    try:
        loaded = read_flow(source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    except FlowRefused as refused:
        return SourceFindings(None, tuple(refused.flow_problems))
    found = await flow_findings(session, loaded.flow, catalogue=catalogue, library=library)
    return SourceFindings(loaded.flow.name, tuple(map(loaded.places.locate, found)))
