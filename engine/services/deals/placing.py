"""Putting deals on stages that they may stand on: rows, history, clocks, events, actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from crm_store.audit import add_audit_rows
from crm_store.deal_rows import DealRow, StageOfPipeline, change_deals, deals_by_id
from crm_store.stage_visits import NewVisit, StayRow, add_visits, put_stays, remove_stays
from engine.machines.pipeline import begin, next_due, stay_to_json
from engine.pipelines import PipelinePlan
from engine.services.actor import Actor
from engine.services.changes.causes import NO_CHAINS, Chains
from engine.services.clocks import end_clocks, set_clocks
from engine.services.deals.answers import Via
from engine.services.deals.carrying_out import SUBJECT, Wanted, carry_out
from engine.services.deals.fields import as_json_columns
from engine.services.deals.happened import Entered, tell_entered
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import around, calendar_of, facts_of, zone_of
from engine.services.escalations import resolve_cases
from engine.services.tending import ClockKind
from engine.working_time import working_time_between

if TYPE_CHECKING:
    from engine.services.work import Work


# Whoever takes in many at once may not know the company's zone. A look that comes too early by as
# much as zones can differ finds the right time and does nothing else.
_ZONES_APART: Final = timedelta(hours=14)
# When deals are to be looked at next; None: only people move them.
Dues: TypeAlias = dict[int, datetime | None]


@dataclass(frozen=True, slots=True)
class Placing:
    """A deal, held, and the stage it is put on. `columns` are written with it. `by_id` is whose
    move it is, if it is a person's."""

    row: DealRow
    stage: StageOfPipeline
    columns: Mapping[str, Any] = field(default_factory=dict)
    by_id: int | None = None


async def put_on_stages(
    work: Work,
    actor: Actor,
    placings: Sequence[Placing],
    via: Via,
    behind: Chains = NO_CHAINS,
) -> Dues:
    """Everything that a change of stage is, for many deals at once. Nothing is asked here: whether
    they may go there was judged before. When those with clocks are to be looked at next."""
    if not placings:
        return {}
    plans = await _plans(work, placings)
    await change_deals(work.session, {one.row.id: _change(one, work.now) for one in placings})
    visits = await _write_visits(work, placings, plans, via)
    dues = await begin_stays(work, [one.row.id for one in placings])
    entered = [Entered(p.row, p.stage, p.columns, visits[p.row.id], via) for p in placings]
    await tell_entered(work, entered, behind)
    await _write_down(work, actor, placings, via)
    await resolve_stage_cases(work, [one.row.id for one in placings])
    await _act(work, placings, visits, plans)
    return dues


async def begin_stays(
    work: Work, ids: Sequence[int], *, imported: bool = False, zone_known: bool = True
) -> Dues:
    """Let the clocks of these deals run from now on; closed ones, and those of pipelines without a
    definition, have none. Those that come with a file begin when their pipeline says. When they are
    to be looked at next, for those with clocks."""
    guessed = imported or not zone_known
    rows = await deals_by_id(work.session, ids)
    plans = await plans_of(work, [row.version_id for row in rows.values()])
    stays: list[StayRow] = []
    dues: Dues = {}
    for id_, row in rows.items():
        plan = plans.get(row.version_id or 0)
        stage = plan.stages.get(row.stage) if plan is not None else None
        if plan is None or stage is None or row.stage_kind != "open" or row.version_id is None:
            continue
        began = work.now
        if imported and plan.model.imported_clocks == "since_entry":
            began = min(row.stage_entered_at, work.now)
        stay = begin(row.stage, began)
        here = await around(work, plan, row.owner_id)
        stays.append(StayRow(id_, row.version_id, stay_to_json(stay)))
        at_once = stage.looks_at_facts
        due = work.now if at_once else next_due(stay, stage, here)
        if guessed and due is not None and (here.calendar is None or here.calendar.zone is None):
            due = max(work.now, due - _ZONES_APART)
        dues[id_] = due
    await put_stays(work.session, stays, work.now)
    await set_clocks(work, ClockKind.DEAL, dues)
    without = sorted(rows.keys() - dues.keys())
    await remove_stays(work.session, without)
    await end_clocks(work, ClockKind.DEAL, without)
    return dues


async def _plans(work: Work, placings: Sequence[Placing]) -> dict[int, PipelinePlan]:
    versions = {one.row.version_id for one in placings}
    return await plans_of(work, versions | {one.row.stay_version_id for one in placings})


def _change(one: Placing, now: datetime) -> dict[str, Any]:
    is_open = one.stage.kind == "open"
    # one that was lost and is won now is won today
    closed_before = one.row.closed_at if one.row.stage_kind == one.stage.kind else None
    change = {
        "forecast_category": one.stage.forecast_category,
        **one.columns,
        "stage_id": one.stage.id,
        "stage_entered_at": now,
        "closed_at": None if is_open else closed_before or now,
        "updated_at": now,
    }
    if one.stage.kind != "lost":
        # it is not lost any more, and why it once was stands in its history
        change["lost_reason"] = None
    return change


async def _write_visits(
    work: Work, placings: Sequence[Placing], plans: Mapping[int, PipelinePlan], via: Via
) -> dict[int, int]:
    directory, calendars = await work.directory(), await work.calendars()

    def worked(row: DealRow) -> int | None:
        plan = plans.get(row.version_id or 0)
        if plan is None or row.stage_entered_at > work.now:
            return None
        calendar = calendar_of(plan, row.owner_id, directory, calendars)
        if calendar is None:
            return int((work.now - row.stage_entered_at).total_seconds())
        zone = zone_of(work, row.owner_id, directory)
        spent = working_time_between(row.stage_entered_at, work.now, calendar, zone)
        return int(spent.total_seconds())

    return await add_visits(
        work.session,
        [
            NewVisit(
                one.row.id,
                one.row.pipeline_id,
                one.stage.id,
                one.row.stage_id,
                work.now,
                one.by_id,
                via,
                one.row.version_id,
                worked(one.row),
            )
            for one in placings
        ],
    )


async def _write_down(work: Work, actor: Actor, placings: Sequence[Placing], via: Via) -> None:
    await add_audit_rows(
        work.session,
        [
            {
                "actor_kind": actor.kind,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "verb": "move",
                "subject_kind": SUBJECT,
                "subject_id": str(one.row.id),
                "before": {"stage": one.row.stage},
                "after": {"stage": one.stage.key, "via": via, **as_json_columns(one.columns)},
                "why": None,
            }
            for one in placings
        ],
    )


async def resolve_stage_cases(work: Work, deal_ids: Sequence[int]) -> None:
    """What the pipeline escalated about the stage they have left has resolved itself. Cases that
    somebody else opened about a deal stay."""
    await resolve_cases(work, SUBJECT, deal_ids, asked_as=f"{SUBJECT}:")


async def _act(
    work: Work,
    placings: Sequence[Placing],
    visits: Mapping[int, int],
    plans: Mapping[int, PipelinePlan],
) -> None:
    """Leaving is answered by the version whose stage it was, entering by the one in force."""
    acting = [one for one in placings if _exits(one, plans) or _enters(one, plans)]
    if not acting:
        return
    ids = [one.row.id for one in acting]
    rows = await deals_by_id(work.session, ids)
    facts = await facts_of(work, ids, list(plans.values()), texts=True)
    wanted: list[Wanted] = []
    for one in acting:
        id_, key = one.row.id, f"deal:{one.row.id}:{visits[one.row.id]}"
        left = plans.get(one.row.stay_version_id or one.row.version_id or 0)
        if left is not None and _exits(one, plans):
            model = left.stages[one.row.stage].model
            wanted.append(
                Wanted(rows[id_], left, model, "exit", model.on_exit, f"{key}:exit", facts[id_])
            )
        now = plans.get(one.row.version_id or 0)
        if now is not None and _enters(one, plans):
            model = now.stages[one.stage.key].model
            wanted.append(
                Wanted(rows[id_], now, model, "enter", model.on_enter, f"{key}:enter", facts[id_])
            )
    await carry_out(work, wanted)


def _exits(one: Placing, plans: Mapping[int, PipelinePlan]) -> bool:
    plan = plans.get(one.row.stay_version_id or one.row.version_id or 0)
    stage = plan.stages.get(one.row.stage) if plan is not None else None
    return stage is not None and bool(stage.model.on_exit)


def _enters(one: Placing, plans: Mapping[int, PipelinePlan]) -> bool:
    plan = plans.get(one.row.version_id or 0)
    stage = plan.stages.get(one.stage.key) if plan is not None else None
    return stage is not None and bool(stage.model.on_enter)
