"""What is done about an open deal when its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_store.deal_rows import (
    DealRow,
    StageOfPipeline,
    hold_deals,
    last_activities,
    pipeline_stages,
)
from crm_store.stage_visits import StayRow, put_stays
from engine.local_time import Span
from engine.machines.pipeline import (
    Deed,
    Mover,
    Stay,
    Wish,
    judge,
    look,
    refused,
    resume,
    stay_from_json,
    stay_to_json,
)
from engine.pipelines import PipelinePlan, StagePlan, Way
from engine.rules import Facts
from engine.services.actor import SYSTEM
from engine.services.deals.carrying_out import SUBJECT, Wanted, carry_out
from engine.services.deals.placing import Dues, Placing, put_on_stages
from engine.services.deals.plans import plans_of
from engine.services.deals.reaching import reached
from engine.services.deals.seeing import around, facts_of, view_of, zone_of
from engine.services.telling import Telling, tell
from engine.services.tending import Tended
from engine.steps.words import Words

if TYPE_CHECKING:
    from engine.services.work import Work


async def tend_deal(work: Work, deal_id: int) -> Tended:
    """Look at the clocks of one deal: alerts, rot, moves by themselves. A deal that is closed, gone
    or without a definition has none; called early or twice it does what is due and no more."""
    row = (await hold_deals(work.session, [deal_id])).get(deal_id)
    if row is None or row.stage_kind != "open" or row.stay is None:
        return Tended(ended=True)
    version = row.stay_version_id or 0
    plan = (await plans_of(work, [version])).get(version)
    stage = plan.stages.get(row.stage) if plan is not None else None
    if plan is None or stage is None:
        return Tended(ended=True)
    names = plan.model.activity_events
    last = (await last_activities(work.session, [deal_id], names)).get(deal_id)
    # most looks find nothing to write about
    facts = await _facts(work, deal_id, plan) if stage.looks_at_facts else {}
    here = await around(work, plan, row.owner_id, last_activity_at=last, facts=facts)
    stay = stay_from_json(row.stay)
    if row.pending is None:
        # its request may have gone with its contact, and then nobody told the end of it
        stay = resume(stay, work.now)
    looked = look(stay, stage, here)
    stay = looked.stay
    if not facts and (looked.deeds or looked.way is not None):
        facts = await _facts(work, deal_id, plan)
    await carry_out(work, _wanted(row, plan, stage, looked.deeds, facts))
    if looked.way is not None:
        moved = await _move(work, row, plan, looked.way, stay, facts)
        if not isinstance(moved, Stay):
            return Tended(moved[deal_id]) if deal_id in moved else Tended(ended=True)
        stay = moved
    await _keep(work, row, stay)
    return Tended(looked.due)


async def _facts(work: Work, deal_id: int, plan: PipelinePlan) -> Facts:
    return (await facts_of(work, [deal_id], [plan], texts=True)).get(deal_id, {})


async def _keep(work: Work, row: DealRow, stay: Stay) -> None:
    state = stay_to_json(stay)
    if state != row.stay:
        kept = StayRow(row.id, row.stay_version_id or 0, state, row.pending, row.request_id)
        await put_stays(work.session, [kept], work.now)


def _wanted(
    row: DealRow, plan: PipelinePlan, stage: StagePlan, deeds: Sequence[Deed], facts: Facts
) -> list[Wanted]:
    since = int(row.stage_entered_at.timestamp())
    wanted = []
    for deed in deeds:
        span: Span | None
        if deed.trigger == "alert" and deed.alert is not None:
            span, key = stage.alarms[deed.alert].after, f"alert{deed.alert}"
        else:
            silent = deed.silent_since or row.stage_entered_at
            span, key = stage.rot_after, f"rot{int(silent.timestamp())}"
        place = f"deal:{row.id}:{since}:{key}"
        model = stage.model
        wanted.append(Wanted(row, plan, model, deed.trigger, deed.actions, place, facts, span))
    return wanted


async def _move(
    work: Work, row: DealRow, plan: PipelinePlan, way: Way, stay: Stay, facts: Facts
) -> Stay | Dues:
    """When to look again, if the deal was moved. Else it was not let, which is told once a stay."""
    directory = await work.directory()
    auto = way.model.automatic
    columns = {"lost_reason": auto.lost_reason} if auto and auto.lost_reason else {}
    zone = zone_of(work, row.owner_id, directory)
    wish = Wish(view_of(row, columns), way.to, facts, Mover(None), work.now, zone, by_itself=True)
    judged = judge(plan, wish, directory, await work.catalogue())
    target = await _stage(work, row, way.to)
    if not judged.problems and target is not None:
        return await put_on_stages(work, SYSTEM, [Placing(row, target, columns)], "clock")
    if way.to not in stay.refused:
        why = "\n".join(problem.message for problem in judged.problems)
        title = Words(
            f"{row.name} should have moved to {plan.stages[way.to].model.title}",
            f"{row.name} 应自动移至“{plan.stages[way.to].model.label_zh or way.to}”，但未能移动",
        )
        key = f"deal:{row.id}:{int(row.stage_entered_at.timestamp())}:refused:{way.to}"
        people = reached(("owner",), row.owner_id, directory, work.now)
        told = [
            Telling(
                key, one, SUBJECT, title, Words(why, why), SUBJECT, row.id, path=f"/deals/{row.id}"
            )
            for one in people
        ]
        await tell(work, told)
    return refused(stay, way.to)


async def _stage(work: Work, row: DealRow, key: str) -> StageOfPipeline | None:
    stages = await pipeline_stages(work.session, [row.pipeline_id])
    return next((stage for stage in stages if stage.key == key), None)
