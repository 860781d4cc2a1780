"""Making deals and changing their fields; stages change by moves alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crm_store.deal_rows import (
    DealRow,
    StageOfPipeline,
    add_deal_rows,
    change_deals,
    deal_with_external_id,
    deals_by_id,
    hold_deals,
    pipeline_stages,
)
from crm_store.fact_borders import share_fact_borders
from crm_store.record_changes import hold_contacts
from crm_store.stage_visits import StayRow, put_stays
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.flows.problems import did_you_mean, shown
from engine.machines.pipeline import (
    Mover,
    Wish,
    enter_problems,
    may_begin,
    may_go,
    next_due,
    stay_from_json,
    stay_to_json,
)
from engine.services.actor import Actor, allowed, allowed_some
from engine.services.approvals import locked_fields
from engine.services.audit import record as audit
from engine.services.changes.announcing import NewRecord
from engine.services.clocks import set_clocks
from engine.services.custom_fields import list_custom_fields
from engine.services.deals.beginning import deals_begun
from engine.services.deals.fields import as_json_columns, missing_references, read_fields
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import around, facts_of, view_of, zone_of
from engine.services.deals.tags import tag_of
from engine.services.roles.visibility import allowed_on
from engine.services.segment_door import ChangedMeanwhile
from engine.services.tending import ClockKind

if TYPE_CHECKING:
    from engine.services.work import Work


@dataclass(frozen=True, slots=True)
class NewDeal:
    """`pipeline` None: the only one there is; `stage` None: its first open one."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    pipeline: str | None = None
    stage: str | None = None


async def create_deal(work: Work, actor: Actor, new: NewDeal) -> int:
    """Its id. A stage other than the first asks what it asks of every deal that enters it, and that
    this person could move the deal there. Without an owner the person who makes it is. Raises
    Refused with every problem, Conflict for an external id that another deal has."""
    allowed(actor, "create", "deal")
    stage = await _stage(work, new)
    columns, problems = read_fields(new.fields, await list_custom_fields(work.session, "deal"))
    if not columns.get("name") and not any(one.place == "/fields/name" for one in problems):
        problems.append(Problem("/fields/name", "missing", "give the deal a name."))
    problems += await missing_references(work.session, columns)
    if problems:
        raise Refused("The deal was not made.", problems)
    by_id = actor.id if actor.kind == "user" else None
    await share_fact_borders(work.session)
    contact_id = columns.get("contact_id")
    await hold_contacts(work.session, [contact_id] if contact_id else [])
    ids = await add_deal_rows(work.session, [_row(work, stage, {"owner_id": by_id, **columns})])
    if not ids:
        raise Conflict(
            f"There is a deal with the external id {columns.get('external_id')} already."
        )
    mover = Mover(None) if by_id is None else Mover(by_id, actor.role)
    await _refuse_at_the_gate(work, ids[0], mover, new.stage is not None)
    await deals_begun(work, ids, "api", by_id=by_id)
    await audit(
        work.session,
        actor,
        "create",
        "deal",
        ids[0],
        after={"stage": stage.key, "pipeline": stage.pipeline, **as_json_columns(columns)},
    )
    if contact_id is not None:
        work.made.append(NewRecord("deal", ids[0], contact_id))
    return ids[0]


async def edit_deal(
    work: Work, actor: Actor, deal_id: int, fields: Mapping[str, Any], *, seen: str = "*"
) -> None:
    """Change fields; null empties one. `seen` is the tag of what the caller has read. Raises
    NotFound, ChangedMeanwhile, Refused with every problem: also for fields that are locked while an
    approval is open. Whoever edits a deal has done something about it: silence begins anew."""
    allowed_some(actor, "edit", "deal")
    row = (await hold_deals(work.session, [deal_id])).get(deal_id)
    if row is None:
        raise NotFound(f"There is no deal {deal_id}.")
    allowed_on(actor, "edit", "deal", row.owner_id, deal_id)
    if seen not in ("*", tag_of(row)):
        raise ChangedMeanwhile(
            "Somebody changed the deal meanwhile. Read it again, then change it."
        )
    columns, problems = read_fields(fields, await list_custom_fields(work.session, "deal"))
    problems += await missing_references(work.session, columns)
    problems += await _taken(work, deal_id, columns)
    problems += await _locked(work, deal_id, fields)
    problems += _lost_reason(row, columns)
    if problems:
        raise Refused("Nothing was changed.", problems)
    changed = _changed(row, columns)
    if not changed:
        return
    await change_deals(work.session, {deal_id: {**changed, "updated_at": work.now}})
    before = {name: row._asdict()[name] for name in changed}
    await audit(
        work.session,
        actor,
        "edit",
        "deal",
        deal_id,
        before=as_json_columns(before),
        after=as_json_columns(changed),
    )
    await _touched(work, deal_id)


async def _stage(work: Work, new: NewDeal) -> StageOfPipeline:
    stages = await pipeline_stages(work.session)
    pipelines = list(dict.fromkeys(stage.pipeline for stage in stages))
    if new.pipeline is None and len(pipelines) != 1:
        words = f"say which pipeline; {did_you_mean('', pipelines)}"
        raise Refused("The deal was not made.", [Problem("/pipeline", "missing", words)])
    pipeline = new.pipeline or pipelines[0]
    own = [stage for stage in stages if stage.pipeline == pipeline]
    if not own:
        words = f"there is no pipeline {shown(pipeline)}; {did_you_mean(pipeline, pipelines)}"
        raise Refused("The deal was not made.", [Problem("/pipeline", "unknown_pipeline", words)])
    for stage in own:
        if stage.key == new.stage or (new.stage is None and stage.kind == "open"):
            return stage
    known = [stage.key for stage in own]
    words = f"there is no stage {shown(new.stage)}; {did_you_mean(new.stage or '', known)}"
    raise Refused("The deal was not made.", [Problem("/stage", "unknown_stage", words)])


def _row(work: Work, stage: StageOfPipeline, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "forecast_category": stage.forecast_category,
        "custom": {},
        **columns,
        "pipeline_id": stage.pipeline_id,
        "stage_id": stage.id,
        "stage_entered_at": work.now,
        "opened_at": work.now,
        "closed_at": None if stage.kind == "open" else work.now,
        "created_at": work.now,
        "updated_at": work.now,
    }


async def _refuse_at_the_gate(
    work: Work, deal_id: int, mover: Mover, stage_was_named: bool
) -> None:
    """The first stage takes everything in; what is missing is asked for when the deal goes on."""
    row = (await deals_by_id(work.session, [deal_id]))[deal_id]
    plan = (await plans_of(work, [row.version_id])).get(row.version_id or 0)
    if plan is None or not stage_was_named or row.stage == plan.first.model.key:
        return
    stage = plan.stages.get(row.stage)
    if stage is None:
        return
    facts = (await facts_of(work, [deal_id], [plan]))[deal_id]
    directory = await work.directory()
    zone = zone_of(work, row.owner_id, directory)
    wish = Wish(view_of(row, {}), row.stage, facts, mover, work.now, zone)
    problems = enter_problems(stage, wish, await work.catalogue())
    if not may_begin(plan, row.stage, lambda way: may_go(way.model.who, wish, directory)):
        words = (
            f"a deal cannot begin on {stage.model.title}; make it on {plan.first.model.title},"
            " then move it."
        )
        problems = (Problem("/stage", "no_beginning", words),)
    if problems:
        at = [replace(one, place="/stage") if one.place == "/to" else one for one in problems]
        raise Refused("The deal was not made.", at)


async def _taken(work: Work, deal_id: int, columns: Mapping[str, Any]) -> list[Problem]:
    external_id = columns.get("external_id")
    if external_id is None:
        return []
    other = await deal_with_external_id(work.session, external_id)
    if other in (None, deal_id):
        return []
    words = f"deal {other} has this external id."
    return [Problem("/fields/external_id", "taken", words)]


async def _locked(work: Work, deal_id: int, fields: Mapping[str, Any]) -> list[Problem]:
    lock = (await locked_fields(work.session, "deal", [deal_id])).get(deal_id)
    if lock is None:
        return []
    words = f"it is locked while request {lock.request_id} waits for its approval."
    return [
        Problem(f"/fields/{name}", "locked", f'"{name}": {words}')
        for name in fields
        if name not in lock.editable
    ]


def _lost_reason(row: DealRow, columns: Mapping[str, Any]) -> list[Problem]:
    if row.stage_kind == "lost" or columns.get("lost_reason") is None:
        return []
    words = "a deal that is not lost has no reason for it; move it to a lost stage."
    return [Problem("/fields/lost_reason", "not_lost", words)]


def _changed(row: DealRow, columns: Mapping[str, Any]) -> dict[str, Any]:
    stored = row._asdict()
    changed = {
        name: value for name, value in columns.items() if name != "custom" and stored[name] != value
    }
    custom = {
        key: value
        for key, value in columns.get("custom", {}).items()
        if row.custom.get(key) != value
    }
    return {**changed, "custom": custom} if custom else changed


async def _touched(work: Work, deal_id: int) -> None:
    """The clocks as they are after the edit: another owner may have other hours, and a rule may
    hold now that moves the deal."""
    row = (await deals_by_id(work.session, [deal_id]))[deal_id]
    if row.stay is None or row.stay_version_id is None or row.stage_kind != "open":
        return
    plan = (await plans_of(work, [row.stay_version_id])).get(row.stay_version_id)
    stage = plan.stages.get(row.stage) if plan is not None else None
    if plan is None or stage is None:
        return
    stay = stay_from_json(row.stay)
    stay = replace(stay, quiet_since=max(stay.quiet_since, work.now))
    kept = StayRow(deal_id, row.stay_version_id, stay_to_json(stay), row.pending, row.request_id)
    await put_stays(work.session, [kept], work.now)
    due = next_due(stay, stage, await around(work, plan, row.owner_id))
    await set_clocks(
        work, ClockKind.DEAL, {deal_id: work.now if due and stage.looks_at_facts else due}
    )
