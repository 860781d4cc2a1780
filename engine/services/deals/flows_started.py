"""Letting the contacts of deals into flows, because a stage says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crm_store.new_runs import NewRun, earlier_runs, insert_runs
from engine.flows.entry import EarlierRuns, admit, looks_back
from engine.flows.holdout import is_held_out
from engine.services.entries import new_run
from engine.services.plans import ActiveFlow
from engine.services.travelling import Written

if TYPE_CHECKING:
    from engine.services.work import Work

Begun = Literal["started", "no_such_flow", "not_admitted"]


@dataclass(frozen=True, slots=True)
class WantedFlow:
    """`occasion` is the same each time the same is asked."""

    deal_id: int
    contact_id: int
    flow: str
    occasion: str


async def start_flows(work: Work, wanted: Sequence[WantedFlow]) -> dict[WantedFlow, Begun]:
    """What became of each. The flow's entry policy and holdout decide, as for everybody."""
    if not wanted:
        return {}
    book = await work.shared.plans.book(work.session)
    flows: dict[WantedFlow, ActiveFlow] = {}
    for one in wanted:
        id_ = book.id_of(one.flow)
        flow = None if id_ is None else book.flows.get(id_)
        if flow is not None and flow.enterable:
            flows[one] = flow
    pairs = {
        (flow.id, one.contact_id) for one, flow in flows.items() if looks_back(flow.plan.flow.entry)
    }
    earlier = await earlier_runs(work.session, pairs)
    runs = {
        one: run
        for one, flow in flows.items()
        if (run := _run(work, one, flow, earlier.get((flow.id, one.contact_id)))) is not None
    }
    entered = await insert_runs(work.session, _each_once(runs), work.now)
    begun = {
        one for one, run in runs.items() if (run.flow_id, run.subject_id, run.entry_key) in entered
    }
    dues = {(runs[one].flow_id, runs[one].shard): work.now for one in begun}
    if dues:
        work.after.written.append(Written(dues=dues))
    return {one: _outcome(one, flows, begun) for one in wanted}


def _outcome(
    one: WantedFlow, flows: Mapping[WantedFlow, ActiveFlow], begun: set[WantedFlow]
) -> Begun:
    if one not in flows:
        return "no_such_flow"
    return "started" if one in begun else "not_admitted"


def _each_once(runs: Mapping[WantedFlow, NewRun]) -> list[NewRun]:
    """Two deals of one contact may ask for the same entry."""
    return list(
        {(run.flow_id, run.subject_id, run.entry_key): run for run in runs.values()}.values()
    )


def _run(
    work: Work, one: WantedFlow, flow: ActiveFlow, earlier: tuple[int, int, object] | None
) -> NewRun | None:
    admission = admit(
        flow.plan.flow.entry,
        occasion=one.occasion,
        event={"properties": {"deal_id": one.deal_id}},
        earlier=EarlierRuns(*earlier) if earlier else EarlierRuns(),  # type: ignore[arg-type]
        now=work.now,
        zone=work.shared.default_zone,
    )
    if admission.key is None:
        return None
    held_out = is_held_out(flow.name, one.contact_id, flow.plan.flow.holdout_percent)
    run = new_run(flow, one.contact_id, admission.key, work.shared.advance_shards, held_out)
    why = {"by": "pipeline", "deal_id": one.deal_id}
    return NewRun(**{**run, "happening": {"what": "entered", "why": why}})
