"""What is wrong with a flow's draft, before anybody tries to publish it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from engine.flows.load import read_flow
from engine.flows.problems import FlowProblem, FlowRefused, Severity
from engine.services.actor import Actor, allowed
from engine.services.flow_checks import flow_findings
from engine.services.plans import current_catalogue
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """`place` is the file with line and column; `node` the step it belongs to, None for the whole.

    An error stops publishing, anything else is advice.
    """

    place: str
    message: str
    is_error: bool
    node: str | None


async def draft_problems(
    session: AsyncSession, actor: Actor, name: str, source: str, library: TemplateLibrary
) -> tuple[ProblemLine, ...]:
    """Everything found at once, in the order of the file."""
    allowed(actor, "read", "flow")
    catalogue = await current_catalogue(session)
    try:
        loaded = read_flow(source, file=f"{name}.yaml", kinds=STEP_KINDS, catalogue=catalogue)
    except FlowRefused as refused:
        return tuple(_line(problem) for problem in refused.flow_problems)
    found = await flow_findings(session, loaded.flow, catalogue=catalogue, library=library)
    return tuple(_line(loaded.places.locate(problem)) for problem in found)


def _line(problem: FlowProblem) -> ProblemLine:
    return ProblemLine(
        problem.place,
        problem.message,
        problem.severity is Severity.ERROR,
        _node(problem.pointer),
    )


def _node(pointer: str) -> str | None:
    """The step in a pointer such as "/steps/hello/template" (RFC 6901)."""
    parts = pointer.split("/")
    if len(parts) < 3 or parts[1] != "steps":
        return None
    return parts[2].replace("~1", "/").replace("~0", "~")
