"""What publishing a pipeline does to its stages and to the deals on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.deal_rows import (
    StageOfPipeline,
    change_deals,
    deals_on_stages,
    hold_deals,
    hold_requests_on_stages,
    open_deals_of,
    pipeline_stages,
)
from crm_store.pipelines import (
    PresentStage,
    hold_pipeline,
    present_stages,
    put_stages,
    retire_stages,
)
from crm_store.stage_visits import NewVisit, add_visits
from engine.definitions.draft import DefinitionRefused
from engine.errors import Problem
from engine.flows.problems import shown
from engine.pipelines import PipelineModel
from engine.services.approvals import cancel_requests
from engine.services.deals.pending import DEAL_MOVE
from engine.services.deals.placing import begin_stays, resolve_stage_cases
from engine.services.definitions import Stored
from engine.services.plans import Plans
from engine.services.sharing import shared_of
from engine.services.work import Work

_PAGE: Final = 500


async def pipeline_published(session: AsyncSession, stored: Stored, now: datetime) -> None:
    """Write the stages of the version that is in force now. Raises DefinitionRefused where deals
    stand on a stage that it leaves out without a word, or turns into one of another kind.

    Deals keep the clocks they entered their stage with; open ones that have none get them now. The
    hosts of new clocks are begun by the sweep.
    """
    model: PipelineModel = stored.model
    if model.moved:
        await hold_requests_on_stages(session, stored.name, model.moved)
    pipeline_id = await hold_pipeline(
        session, stored.name, stored.label, model.label_zh, stored.version_id
    )
    present = await present_stages(session, pipeline_id)
    problems = [*_problems(model, present)]
    if problems:
        count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
        raise DefinitionRefused(f'The pipeline "{stored.name}" has {count}.', problems)
    await put_stages(session, pipeline_id, [_row(model, at) for at in range(len(model.stages))])
    work = Work(session, now, shared_of(Plans()))
    await _move_away(work, model, present, stored.version_id)
    kept = {stage.key for stage in model.stages}
    await retire_stages(session, [one.id for one in present if one.key not in kept], now)
    await _begin_clocks(work, pipeline_id)


def _problems(model: PipelineModel, present: Sequence[PresentStage]) -> list[Problem]:
    found = []
    kinds = {one.key: one.kind for one in present}
    for one in present:
        stage = model.stage(one.key)
        if not one.deals:
            continue
        deals = f"{one.deals} deal{'s' if one.deals != 1 else ''}"
        stand = "stand" if one.deals != 1 else "stands"
        target = model.stage(model.moved.get(one.key, ""))
        if stage is not None and stage.kind != kinds[one.key]:
            place = f"/stages/{model.stages.index(stage)}/kind"
            words = f"{deals} {stand} on {shown(one.key)}, which is {one.kind}; move them first."
            found.append(Problem(place, "kind_in_use", words))
        elif stage is None and target is None:
            words = (
                f"{deals} {stand} on {shown(one.key)}, which is left out here; say where they go, "
                f"such as `moved: {{{one.key}: {model.stages[0].key}}}`."
            )
            found.append(Problem("/stages", "stage_in_use", words))
        elif stage is None and target is not None and target.kind != one.kind:
            words = (
                f"{deals} {stand} on {shown(one.key)}, which is {one.kind}, and cannot go to "
                f"{shown(target.key)}, which is {target.kind}."
            )
            found.append(Problem(f"/moved/{one.key}", "moved_to_other_kind", words))
    return found


def _row(model: PipelineModel, at: int) -> Mapping[str, object]:
    stage = model.stages[at]
    return {
        "key": stage.key,
        "label": stage.title,
        "label_zh": stage.label_zh,
        "kind": stage.kind,
        "probability_percent": stage.probability_percent,
        "forecast_category": stage.forecast_category,
    }


async def _move_away(
    work: Work, model: PipelineModel, present: Sequence[PresentStage], version_id: int
) -> None:
    """Nobody moved these deals, so nothing is done and told as if somebody had."""
    leaving = {one.id: one for one in present if one.deals and model.stage(one.key) is None}
    if not leaving:
        return
    stages = {
        one.key: one for one in await pipeline_stages(work.session) if one.version_id == version_id
    }
    for stage_id, ids in (await deals_on_stages(work.session, leaving.keys())).items():
        target = stages[model.moved[leaving[stage_id].key]]
        for start in range(0, len(ids), _PAGE):
            await _put(work, ids[start : start + _PAGE], target, version_id)


async def _put(work: Work, ids: Sequence[int], target: StageOfPipeline, version_id: int) -> None:
    rows = await hold_deals(work.session, ids)
    change = {
        "stage_id": target.id,
        "stage_entered_at": work.now,
        "forecast_category": target.forecast_category,
        "updated_at": work.now,
    }
    await change_deals(work.session, dict.fromkeys(rows, change))
    visits = [
        NewVisit(
            id_, row.pipeline_id, target.id, row.stage_id, work.now, None, "pipeline", version_id
        )
        for id_, row in rows.items()
    ]
    await add_visits(work.session, visits)
    await begin_stays(work, list(rows), zone_known=False)
    waiting = [row.id for row in rows.values() if row.pending is not None]
    if waiting:
        await cancel_requests(work, DEAL_MOVE, waiting)
    await resolve_stage_cases(work, list(rows))


async def _begin_clocks(work: Work, pipeline_id: int) -> None:
    """Of open deals that were there before the pipeline had a definition."""
    after = 0
    while ids := await open_deals_of(work.session, pipeline_id, after, _PAGE):
        await begin_stays(work, ids, imported=True)
        after = ids[-1]
