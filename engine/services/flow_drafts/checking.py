"""What is wrong with a draft, by the step and field in which somebody will mend it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from engine.flows.load import read_flow
from engine.flows.problems import FlowProblem, FlowRefused, Severity
from engine.services.actor import Actor, allowed
from engine.services.flow_checks import flow_findings
from engine.services.flow_drafts.opening import OpenDraft
from engine.services.plans import current_catalogue
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class DraftProblem:
    """`node` is the step, None for the flow itself; `path` is below the step or the flow, such as
    "cases/0/when". `line` is in the draft's text. An error stops publishing. `detail` is the code
    of the rule language where a rule is wrong."""

    code: str
    message: str
    is_error: bool
    node: str | None
    path: str
    line: int | None
    detail: str | None = None


async def check_draft(
    session: AsyncSession, actor: Actor, draft: OpenDraft, library: TemplateLibrary
) -> tuple[DraftProblem, ...]:
    """Everything that can be found without running it, in the order of the text. Where the form of
    the flow is wrong, only that is told."""
    allowed(actor, "read", "flow")
    catalogue = await current_catalogue(session)
    file = f"{draft.name}.yaml"
    try:
        loaded = read_flow(draft.source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    except FlowRefused as refused:
        return tuple(map(_told, refused.flow_problems))
    found = await flow_findings(session, loaded.flow, catalogue=catalogue, library=library)
    return tuple(_told(loaded.places.locate(problem)) for problem in found)


def _told(problem: FlowProblem) -> DraftProblem:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[1:]]
    node = parts[1] if len(parts) > 1 and parts[0] == "steps" else None
    return DraftProblem(
        code=problem.code.value,
        message=problem.message,
        is_error=problem.severity is Severity.ERROR,
        node=node,
        path="/".join(parts[2:] if node is not None else parts),
        line=problem.line,
        detail=problem.detail,
    )
