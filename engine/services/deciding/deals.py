"""Deals that flows make and move.

Every stage of the deal's pipeline is allowed, so far: what a pipeline demands of a move (who, which
rule, which fields) comes with the rest of sales, and is asked in `refusals`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import deals as store
from crm_store.base import folded
from crm_store.deals import NewDeal, OpenDeal, StageRow
from engine.services.deciding.asked import AskedRun
from engine.steps.create_record import NO_STAGE
from engine.steps.questions import MakeDeal, MoveDeal, Verdict


async def move(
    session: AsyncSession, asked: Sequence[AskedRun[MoveDeal]], now: datetime
) -> dict[int, Verdict]:
    """Verdicts by run. The change is told as any change of a deal is."""
    own = await store.hold_open_deals(session, {one.contact_id for one in asked})
    stages = {(row.pipeline_id, row.key): row for row in await store.stages(session)}
    verdicts: dict[int, Verdict] = {}
    moves: dict[int, StageRow] = {}
    runs: dict[int, int] = {}
    reasons: dict[int, str] = {}
    for one in asked:
        deal = _chosen(own.get(one.contact_id, ()), one.question)
        if deal is None:
            verdicts[one.run_id] = Verdict("no_deal", {"stage": one.question.stage})
            continue
        why: dict[str, Any] = {"deal_id": deal.id, "from": deal.stage, "to": one.question.stage}
        stage = stages.get((deal.pipeline_id, one.question.stage))
        if stage is None:
            why |= {"reason": "unknown_stage", "pipeline": deal.pipeline}
            verdicts[one.run_id] = Verdict("refused", why)
        elif stage.id == deal.stage_id:
            verdicts[one.run_id] = Verdict("moved", {**why, "already": True})
        else:
            verdicts[one.run_id] = Verdict("moved", why)
            moves[deal.id], runs[deal.id] = stage, one.run_id
            if one.question.lost_reason is not None:
                reasons[deal.id] = one.question.lost_reason
    for deal_id, reason in (await refusals(session, moves, now)).items():
        del moves[deal_id]
        why = {**verdicts[runs[deal_id]].why, "reason": reason}
        verdicts[runs[deal_id]] = Verdict("refused", why)
    await store.put_on_stages(session, moves, reasons, now)
    return verdicts


async def refusals(
    session: AsyncSession,  # noqa: ARG001 - what a pipeline demands is read from the store
    moves: Mapping[int, StageRow],  # noqa: ARG001
    now: datetime,  # noqa: ARG001
) -> Mapping[int, str]:
    """Why deals may not be moved to these stages, as a code by deal; nothing speaks against the
    others."""
    return {}


async def make(
    session: AsyncSession, asked: Sequence[AskedRun[MakeDeal]], now: datetime
) -> dict[int, Verdict]:
    """Verdicts by run: "done", or `NO_STAGE` where the deal could stand nowhere."""
    stages = await store.stages(session)
    verdicts: dict[int, Verdict] = {}
    new: list[NewDeal] = []
    runs: dict[int, list[int]] = defaultdict(list)
    for one in asked:
        wanted = one.question
        stage = _first(stages, wanted)
        if stage is None:
            verdicts[one.run_id] = Verdict(NO_STAGE)
            continue
        owner = None if wanted.owner == "owner" else folded(wanted.owner)
        new.append(
            NewDeal(
                one.contact_id,
                wanted.name,
                stage.id,
                wanted.amount_minor,
                wanted.currency,
                wanted.expected_close_on,
                owner,
            )
        )
        why = {"record": "deal", "stage": stage.key, "pipeline": stage.pipeline}
        verdicts[one.run_id] = Verdict("done", {**why, "assign_to": wanted.owner})
        runs[one.contact_id].append(one.run_id)
    for deal_id, contact_id in await store.add_deals(session, new, now):
        run_id = runs[contact_id].pop(0)
        verdicts[run_id] = replace(verdicts[run_id], deal_made=deal_id)
    return verdicts


def _chosen(deals: Sequence[OpenDeal], question: MoveDeal) -> OpenDeal | None:
    """The newest, or the one worth most; without a worth a deal comes last."""
    fitting = [one for one in deals if question.pipeline in (None, one.pipeline)]
    if question.which == "newest":
        return next(iter(fitting), None)
    return max(fitting, key=lambda deal: -1 if deal.worth is None else deal.worth, default=None)


def _first(stages: Sequence[StageRow], wanted: MakeDeal) -> StageRow | None:
    """The named stage or the first open one, of the named pipeline or the oldest that has it."""
    for stage in stages:
        if wanted.pipeline not in (None, stage.pipeline):
            continue
        if stage.key == wanted.stage or (wanted.stage is None and stage.kind == "open"):
            return stage
    return None
