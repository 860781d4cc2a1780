"""Deals that flows make and move, in the transaction that moves the runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import deals as store
from crm_store.base import folded
from crm_store.deal_rows import pipeline_stages
from crm_store.deals import NewDeal, OpenDeal, StageRow
from engine.machines.pipeline import may_begin
from engine.pipelines import PipelinePlan
from engine.services.actor import SYSTEM
from engine.services.changes.causes import NO_CHAINS, Cause, chains_of
from engine.services.deals.answers import AwaitingApproval, MoveAnswer, Moved, WantedMove
from engine.services.deals.beginning import deals_begun
from engine.services.deals.moving import move_deals
from engine.services.deals.plans import plans_of
from engine.services.deciding.asked import AskedRun, Begun
from engine.services.work import Shared, Work
from engine.steps.create_record import NO_STAGE
from engine.steps.questions import MakeDeal, MoveDeal, Verdict


@dataclass(frozen=True, slots=True)
class FlowDeals:
    """See `engine.services.deciding.deals.DealDesk`. Clocks and notices that a flow sets going are
    not told to their hosts one by one: the sweep finds them."""

    shared: Shared

    async def make(
        self,
        session: AsyncSession,
        asked: Sequence[AskedRun[MakeDeal]],
        now: datetime,
        begun: Begun,
    ) -> Mapping[int, Verdict]:
        work = Work(session, now, self.shared)
        verdicts = await make_for_flows(work, asked)
        await _settle(work, begun)
        return verdicts

    async def move(
        self,
        session: AsyncSession,
        asked: Sequence[AskedRun[MoveDeal]],
        now: datetime,
        begun: Begun,
    ) -> Mapping[int, Verdict]:
        work = Work(session, now, self.shared)
        verdicts = await move_for_flows(work, asked)
        await _settle(work, begun)
        return verdicts


async def _settle(work: Work, begun: Begun) -> None:
    """The ledger that asks announces what was changed, with the runs that caused it."""
    await work.write_runs()
    begun.partitions |= work.after.partitions
    for written in work.after.written:
        begun.partitions |= written.partitions
        begun.dues |= written.dues


async def move_for_flows(work: Work, asked: Sequence[AskedRun[MoveDeal]]) -> dict[int, Verdict]:
    """Verdicts by run. Their contacts are held. Of two runs that move one deal at once the later
    one counts, and both hear what became of it."""
    own = await store.hold_open_deals(work.session, {one.contact_id for one in asked})
    verdicts: dict[int, Verdict] = {}
    chosen: dict[int, OpenDeal] = {}
    wanted: dict[int, WantedMove] = {}
    for one in asked:
        deal = _chosen(own.get(one.contact_id, ()), one.question)
        if deal is None:
            verdicts[one.run_id] = Verdict("no_deal", {"stage": one.question.stage})
            continue
        chosen[one.run_id] = deal
        reason = one.question.lost_reason
        wanted[deal.id] = WantedMove(deal.id, one.question.stage, lost_reason=reason)
    causes = [Cause(one.run_id, one.contact_id, one.flow, one.behind) for one in asked]
    behind = await chains_of(work.session, causes, work.now) if wanted else {}
    answers = await move_deals(work, SYSTEM, list(wanted.values()), via="flow", behind=behind)
    for one in asked:
        if one.run_id in chosen:
            deal = chosen[one.run_id]
            verdicts[one.run_id] = _verdict(deal, one.question, answers[deal.id])
    return verdicts


def _verdict(deal: OpenDeal, question: MoveDeal, answer: MoveAnswer) -> Verdict:
    why: dict[str, Any] = {"deal_id": deal.id, "from": deal.stage, "to": question.stage}
    if isinstance(answer, Moved):
        return Verdict("moved", {**why, "already": True} if answer.already else why)
    if isinstance(answer, AwaitingApproval):
        # the flow goes on; who waits for the end of it listens to "Deal Stage Changed"
        why |= {"reason": "awaits_approval", "request": answer.request_id}
        return Verdict("refused", why)
    problems = [{"place": one.place, "code": one.code} for one in answer.problems]
    code = answer.problems[0].code
    first = _REASONS.get(code, code)
    if first == "unknown_stage":
        why |= {"pipeline": deal.pipeline}
    return Verdict("refused", {**why, "reason": first, "problems": problems})


# Codes that mean something else where reasons of all steps stand side by side.
_REASONS: Final = {"rule": "stage_rule", "missing": "stage_needs"}


async def make_for_flows(work: Work, asked: Sequence[AskedRun[MakeDeal]]) -> dict[int, Verdict]:
    """Verdicts by run: "done", or `NO_STAGE` where the deal could stand nowhere, or only by a move
    that closes it or that somebody has to approve."""
    stages = await store.stages(work.session)
    plans = await _plans(work) if any(one.question.stage for one in asked) else {}
    verdicts: dict[int, Verdict] = {}
    new: list[NewDeal] = []
    runs: dict[int, list[int]] = defaultdict(list)
    is_told = False
    for one in asked:
        wanted = one.question
        stage = _first(stages, wanted)
        plan = plans.get(stage.pipeline) if stage is not None else None
        if stage is None or (
            plan is not None and not may_begin(plan, stage.key, lambda _way: True)
        ):
            verdicts[one.run_id] = Verdict(NO_STAGE)
            continue
        new.append(_new(one.contact_id, wanted, stage))
        is_told = is_told or stage.kind != "open"
        why = {"record": "deal", "stage": stage.key, "pipeline": stage.pipeline}
        verdicts[one.run_id] = Verdict("done", {**why, "assign_to": wanted.owner})
        runs[one.contact_id].append(one.run_id)
    made = await store.add_deals(work.session, new, work.now)
    for deal_id, contact_id in made:
        run_id = runs[contact_id].pop(0)
        verdicts[run_id] = replace(verdicts[run_id], deal_made=deal_id)
    causes = [Cause(one.run_id, one.contact_id, one.flow, one.behind) for one in asked]
    behind = await chains_of(work.session, causes, work.now) if is_told else NO_CHAINS
    await deals_begun(work, [deal_id for deal_id, _ in made], "flow", behind=behind)
    return verdicts


async def _plans(work: Work) -> dict[str, PipelinePlan]:
    """The pipelines that are defined, by their keys."""
    stages = await pipeline_stages(work.session)
    plans = await plans_of(work, {one.version_id for one in stages})
    return {one.pipeline: plans[one.version_id] for one in stages if one.version_id in plans}


def _new(contact_id: int, wanted: MakeDeal, stage: StageRow) -> NewDeal:
    return NewDeal(
        contact_id,
        wanted.name,
        stage.id,
        wanted.amount_minor,
        wanted.currency,
        wanted.expected_close_on,
        None if wanted.owner == "owner" else folded(wanted.owner),
    )


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
