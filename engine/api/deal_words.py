"""From what services know of deals to what the API shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from crm_store.lists.deals import DealLine
from engine.api.shapes import deals as shapes
from engine.api.shapes.common import ProblemItem
from engine.errors import Problem
from engine.services.deals import AwaitingApproval, MoveAnswer, Moved
from engine.services.deals.reading import (
    PossibleMove,
    SeenDeal,
    SeenPipeline,
    SeenVisit,
    amount_of,
)


def line_shown(line: DealLine) -> shapes.DealLine:
    amount = amount_of(line.amount_minor, line.currency)
    return shapes.DealLine.model_validate({**asdict(line), "amount": amount})


def seen_shown(seen: SeenDeal) -> shapes.DealShown:
    return shapes.DealShown(
        **line_shown(seen.line).model_dump(),
        moves=[_possible(one) for one in seen.moves],
        editable=None if seen.editable is None else sorted(seen.editable),
    )


def move_shown(deal_id: int, answer: MoveAnswer | None) -> shapes.MoveShown:
    if answer is None:
        return shapes.MoveShown(deal_id=deal_id, outcome="not_found")
    if isinstance(answer, Moved):
        outcome = "already_there" if answer.already else "moved"
        return shapes.MoveShown(deal_id=deal_id, outcome=outcome, stage=answer.stage)
    if isinstance(answer, AwaitingApproval):
        return shapes.MoveShown(
            deal_id=deal_id,
            outcome="awaits_approval",
            stage=answer.stage,
            request_id=answer.request_id,
        )
    return shapes.MoveShown(
        deal_id=deal_id, outcome="refused", stage=answer.stage, problems=_items(answer.problems)
    )


def history_shown(found: Sequence[SeenVisit]) -> shapes.HistoryShown:
    return shapes.HistoryShown(
        items=[
            shapes.VisitShown.model_validate({**one.visit._asdict(), "seconds": one.seconds})
            for one in found
        ]
    )


def pipeline_shown(found: SeenPipeline) -> shapes.PipelineShown:
    return shapes.PipelineShown(
        key=found.key,
        version_id=found.version_id,
        stages=[shapes.StageShown.model_validate(stage) for stage in found.stages],
    )


def _possible(one: PossibleMove) -> shapes.PossibleMove:
    return shapes.PossibleMove(
        to=one.stage.key,
        label=one.stage.label,
        label_zh=one.stage.label_zh,
        kind=one.stage.kind,
        approval=one.approval,
        problems=_items(one.problems),
    )


def _items(problems: Iterable[Problem]) -> list[ProblemItem]:
    """Places are pointers into the body that was sent."""
    return [
        ProblemItem(
            place=one.place,
            code=one.code,
            message=one.message,
            pointer=one.place if one.place.startswith("/") else None,
        )
        for one in problems
    ]
