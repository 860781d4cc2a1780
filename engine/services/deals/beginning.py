"""New deals: their first stay, their clocks, and what their stage has done for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crm_store.deal_rows import DealRow, deals_by_id, pipeline_stages
from crm_store.stage_visits import NewVisit, add_visits
from engine.services.approvals import cancel_requests
from engine.services.changes.causes import NO_CHAINS, Chains
from engine.services.deals.answers import Via
from engine.services.deals.carrying_out import Wanted, carry_out
from engine.services.deals.happened import Entered, tell_entered
from engine.services.deals.pending import DEAL_MOVE
from engine.services.deals.placing import begin_stays, resolve_stage_cases
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import facts_of

if TYPE_CHECKING:
    from engine.services.work import Work


async def deals_begun(
    work: Work,
    ids: Sequence[int],
    via: Via,
    *,
    by_id: int | None = None,
    behind: Chains = NO_CHAINS,
) -> None:
    """Call it for deals that were written just now, or put on another stage by an import: it writes
    the history and sets the clocks. What a stage does on entering is done for new deals that people
    and flows make, not for a file of old ones."""
    if not ids:
        return
    rows = await deals_by_id(work.session, ids)
    visits = await add_visits(
        work.session,
        [
            NewVisit(
                id_,
                row.pipeline_id,
                row.stage_id,
                None,
                row.stage_entered_at,
                by_id,
                via,
                row.version_id,
            )
            for id_, row in rows.items()
        ],
    )
    waiting = [id_ for id_, row in rows.items() if row.pending is not None]
    if waiting:
        await cancel_requests(work, DEAL_MOVE, waiting)
    await begin_stays(work, list(rows), imported=via == "import")
    if via == "import":
        await resolve_stage_cases(work, list(rows))
        return
    await _tell_closed(work, rows, visits, via, behind)
    plans = await plans_of(work, [row.version_id for row in rows.values()])
    acting = {
        id_: plans[row.version_id].stages[row.stage].model
        for id_, row in rows.items()
        if row.version_id in plans and row.stage in plans[row.version_id].stages
    }
    acting = {id_: model for id_, model in acting.items() if model.on_enter}
    if not acting:
        return
    facts = await facts_of(work, acting.keys(), list(plans.values()), texts=True)
    await carry_out(
        work,
        [
            Wanted(
                rows[id_],
                plans[rows[id_].version_id or 0],
                model,
                "enter",
                model.on_enter,
                f"deal:{id_}:{visits[id_]}:enter",
                facts[id_],
            )
            for id_, model in acting.items()
        ],
    )


async def _tell_closed(
    work: Work,
    rows: Mapping[int, DealRow],
    visits: Mapping[int, int],
    via: Via,
    behind: Chains,
) -> None:
    """One that is made as won or lost is told like one that got there by a move."""
    closed = [row for row in rows.values() if row.stage_kind != "open"]
    if not closed:
        return
    stages = {
        one.id: one
        for one in await pipeline_stages(work.session, {row.pipeline_id for row in closed})
    }
    entered = [Entered(row, stages[row.stage_id], {}, visits[row.id], via) for row in closed]
    await tell_entered(work, entered, behind)
