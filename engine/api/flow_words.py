"""Flows as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from engine.api.places import item_of
from engine.api.shapes import flows as shapes
from engine.api.shapes.common import ProblemItem
from engine.errors import Problem
from engine.flows.diff import MISSING, Difference, FlowDiff
from engine.flows.problems import FlowProblem, Severity
from engine.services.enrolments import EnrolmentLine
from engine.services.flow_files.forecast import Forecast
from engine.services.version_moves import Preview, Proposed
from engine.services.views.flows import FlowPage

Told = tuple[list[ProblemItem], list[ProblemItem]]


def told(problems: Iterable[FlowProblem]) -> Told:
    """Errors, and warnings."""
    errors: list[ProblemItem] = []
    warnings: list[ProblemItem] = []
    for one in problems:
        item = ProblemItem.model_validate(item_of(Problem(one.place, str(one.code), one.message)))
        (errors if one.severity is Severity.ERROR else warnings).append(item)
    return errors, warnings


def flow_shown(found: FlowPage) -> shapes.FlowShown:
    return shapes.FlowShown(
        name=found.name,
        label=found.label,
        purpose=found.purpose,
        state=found.state,
        version=found.version,
        draft_revision=found.draft_revision,
        has_newer_draft=found.has_newer_draft,
        draft=found.draft_source,
        versions=[shapes.VersionLine.model_validate(one) for one in found.versions],
    )


def diff_shown(diff: FlowDiff) -> shapes.DiffShown:
    return shapes.DiffShown(
        about=_differences(diff.about),
        nodes=[
            shapes.NodeDiffShown(
                node=one.name,
                was=one.was,
                kind=one.kind,
                fate=one.fate.value,
                settings=_differences(one.settings),
                exits=_differences(one.exits),
            )
            for one in diff.changed
        ],
        renames=dict(diff.renames),
        is_empty=diff.is_empty,
    )


def plan_shown(found: Forecast) -> shapes.PlanShown:
    errors, warnings = told(found.problems)
    return shapes.PlanShown(
        name=found.flow.name,
        ok=not errors,
        published=found.published,
        becomes=found.becomes,
        is_unchanged=found.is_unchanged,
        diff=diff_shown(found.diff) if found.diff else None,
        problems=errors,
        warnings=warnings,
        inside=[
            shapes.AffectedShown(
                version=one.number, node=one.node, state=one.state, people=one.people
            )
            for one in found.inside
        ],
        audience=found.audience,
        not_counted=found.not_counted,
        enters_at_once=found.enters_at_once,
    )


def enrolment_shown(line: EnrolmentLine) -> shapes.EnrolmentShown:
    return shapes.EnrolmentShown(
        id=line.id,
        flow=line.flow,
        state=line.state,
        looked_at=line.looked_at,
        entered=line.entered,
        refused=line.refused,
        total=line.total,
        per_minute=line.per_minute,
        left_seconds=round(line.left.total_seconds()) if line.left is not None else None,
        asked_by=line.asked_by,
        created_at=line.created_at,
        ended_at=line.ended_at,
    )


def proposal_shown(found: Proposed) -> shapes.ProposalShown:
    return shapes.ProposalShown(
        plan=found.text,
        nodes=[
            shapes.ProposalLine(
                node=one.node,
                answer=one.answer.written(),
                why=one.why.value,
                people=found.people.get(one.node, 0),
            )
            for one in found.proposals
        ],
    )


def preview_shown(found: Preview) -> shapes.PreviewShown:
    errors, warnings = told(found.problems)
    return shapes.PreviewShown(
        moving=found.moving,
        nodes=[
            shapes.PreviewLine(
                node=one.node,
                answer=one.answer.written(),
                target=one.target,
                fit=one.fit.value if one.fit else None,
                people=one.people,
                moving=one.moving,
                asking=one.asking,
                held=one.held,
            )
            for one in found.lines
        ],
        problems=[*errors, *warnings],
    )


def _differences(found: Iterable[Difference]) -> list[shapes.DifferenceShown]:
    return [
        shapes.DifferenceShown(
            path="/" + "/".join(str(part) for part in one.path),
            before=_plain(one.before),
            after=_plain(one.after),
        )
        for one in found
    ]


def _plain(value: Any) -> Any:
    """As JSON has it; what is not there at all is null."""
    return None if value is MISSING else orjson.loads(orjson.dumps(value, default=str))
