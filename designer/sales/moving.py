"""Moving a deal as a person: the move, what it lacks asked for in place, and what was said to it.

The same is done on the board and on the page of a deal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from designer.runtime import Designer
from designer.sales.fields import Values, field_of
from designer.sales.words import in_language
from designer.visitor import Visitor
from engine.errors import Problem
from engine.services.deals import AwaitingApproval, MoveAnswer, MoveRefused
from engine.services.deals.board import stages_named, usual_lost_reasons
from engine.services.deals.filling import StaysBehind, fill_and_move
from engine.services.deals.reading import PossibleMove, SeenDeal, show_deal
from engine.services.work import Work, working

# What nobody mends by filling something in.
_FILLED_IN: Final = frozenset({"missing"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a deal stays where it is. `asked` are fields that would let it go, in the order in which
    they are demanded; `others` what no field mends. `ways` are where it may go instead."""

    deal: SeenDeal
    to_stage: str
    to_label: str
    asked: tuple[str, ...]
    problems: tuple[Problem, ...]
    others: tuple[Problem, ...]
    ways: tuple[PossibleMove, ...]
    lost_reasons: tuple[str, ...] = ()


async def try_move(
    designer: Designer,
    visitor: Visitor,
    deal_id: int,
    to_stage: str,
    *,
    from_stage: str | None = None,
    fields: Mapping[str, Any] | None = None,
    lost_reason: str | None = None,
) -> MoveAnswer:
    """Raises what services raise for a deal that is gone or a person who may not."""
    runtime = designer.runtime
    actor = await designer.actor(visitor.token)
    try:
        async with working(runtime.store, runtime.shared, runtime.pokes, designer.now()) as work:
            answer = await fill_and_move(
                work,
                actor,
                deal_id,
                to_stage,
                fields=fields or {},
                lost_reason=lost_reason,
                from_stage=from_stage,
                via="board",
                language=visitor.t.short,
            )
    except StaysBehind as refused:
        return refused.answer
    designer.pulses.clear()
    return answer


async def refusal_of(
    designer: Designer, visitor: Visitor, to_stage: str, answer: MoveRefused
) -> Refusal:
    """What is to be shown about a move that was refused."""
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        work = Work(session, designer.now(), designer.runtime.shared)
        deal = await show_deal(work, actor, answer.deal_id, visitor.t.short)
        to_label, pipeline_id = await _stage(work, deal, to_stage, visitor)
        reasons: list[str] = []
        if any(field_of(one) == "lost_reason" for one in answer.problems) and pipeline_id:
            reasons = await usual_lost_reasons(session, actor, pipeline_id)
    return sorted_out(deal, to_stage, to_label, answer.problems, tuple(reasons))


async def before_losing(
    designer: Designer, visitor: Visitor, deal_id: int, to_stage: str
) -> Refusal | None:
    """What is asked before a deal is lost: why, also where nothing demands it. None where no way
    leads there, or it is no lost stage: the move itself says so."""
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        work = Work(session, designer.now(), designer.runtime.shared)
        deal = await show_deal(work, actor, deal_id, visitor.t.short)
        move = next((one for one in deal.moves if one.stage.key == to_stage), None)
        if move is None or move.stage.kind != "lost":
            return None
        reasons = await usual_lost_reasons(session, actor, move.stage.pipeline_id)
    label = in_language(move.stage.label, move.stage.label_zh, visitor.t)
    found = sorted_out(deal, to_stage, label, move.problems, tuple(reasons))
    asked = tuple(dict.fromkeys([*found.asked, "lost_reason"]))
    return replace(found, asked=asked)


def sorted_out(
    deal: SeenDeal,
    to_stage: str,
    to_label: str,
    problems: tuple[Problem, ...],
    lost_reasons: tuple[str, ...] = (),
) -> Refusal:
    """Apart what a field mends and what not."""
    asked = dict.fromkeys(
        name for one in problems if one.code in _FILLED_IN and (name := field_of(one))
    )
    others = tuple(one for one in problems if not (one.code in _FILLED_IN and field_of(one)))
    return Refusal(
        deal, to_stage, to_label, tuple(asked), problems, others, deal.moves, lost_reasons
    )


async def _stage(
    work: Work, deal: SeenDeal, to_stage: str, visitor: Visitor
) -> tuple[str, int | None]:
    for one in await stages_named(work.session, deal.line.pipeline):
        if one.key == to_stage:
            return in_language(one.label, one.label_zh, visitor.t), one.pipeline_id
    return to_stage, None


def values_of(deal: SeenDeal) -> Values:
    """What the fields of a form begin with."""
    line = deal.line
    amount = None
    if line.amount_minor is not None and line.currency is not None:
        amount = line.amount_minor, line.currency
    return Values(
        plain={
            "name": line.name,
            "expected_close_on": line.expected_close_on,
            "owner_id": line.owner_id,
            "product_id": line.product_id,
            "forecast_category": line.forecast_category,
            "lost_reason": line.lost_reason,
            "external_id": line.external_id,
        },
        amount=amount,
        contact=(line.contact_id, line.contact or str(line.contact_id))
        if line.contact_id is not None
        else None,
        account=(line.account_id, line.account or str(line.account_id))
        if line.account_id is not None
        else None,
        custom=line.custom,
    )


def waits_for(answer: AwaitingApproval, visitor: Visitor, label: str) -> str:
    if answer.already:
        return visitor.t("The move to {stage} waits for its approval already.", stage=label)
    return visitor.t("The move to {stage} now waits for an approval.", stage=label)
