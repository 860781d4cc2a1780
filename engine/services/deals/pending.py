"""Moves that wait for an approval: asked for, recalled, made or dropped when it ends.

One move of a deal waits at a time. While it does, the clocks of the stage rest. Whoever moves the
deal by hand meanwhile recalls it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from crm_store.deal_rows import DealRow, deals_by_id
from crm_store.stage_visits import StayRow, put_stays, remove_stays
from engine.errors import NotFound, Problem
from engine.flows.problems import shown
from engine.machines.pipeline import begin, next_due, pause, resume, stay_from_json, stay_to_json
from engine.rules import Facts
from engine.services.approvals import Amount, Ask, cancel_requests, open_request
from engine.services.clocks import set_clocks
from engine.services.deals.answers import (
    AwaitingApproval,
    MoveAnswer,
    Moved,
    MoveRefused,
    WantedMove,
)
from engine.services.deals.plans import plans_of
from engine.services.deals.seeing import around
from engine.services.tending import ClockKind
from engine.steps.words import Words

if TYPE_CHECKING:
    from engine.services.deals.placing import Placing
    from engine.services.work import Work

DEAL_MOVE: Final = "deal_move"


def already_waiting(placing: Placing, wish: WantedMove) -> AwaitingApproval | None:
    """The answer to asking again for the move that waits already. With other fields it is another
    move, as they are what is approved."""
    row, pending = placing.row, placing.row.pending
    if pending is None or row.request_id is None:
        return None
    asked = (pending.get("to"), pending.get("fields"), pending.get("lost_reason"))
    if asked != (placing.stage.key, dict(wish.fields), wish.lost_reason):
        return None
    return AwaitingApproval(row.id, row.stage, placing.stage.key, row.request_id, already=True)


async def ask_approval(
    work: Work, placing: Placing, wish: WantedMove, chain: str, facts: Facts
) -> MoveAnswer:
    """Open the request. It may end in this very transaction, and then the deal stands where its
    end has put it. Another move that waits is recalled."""
    row, stage = placing.row, placing.stage
    await recall(work, [row.id] if row.pending is not None else [])
    pending = {
        "to": stage.key,
        "fields": dict(wish.fields),
        "lost_reason": wish.lost_reason,
        "by_id": placing.by_id,
        "asked_at": work.now.isoformat(),
    }
    await wait(work, row, pending, None)
    try:
        request_id = await open_request(work, _ask(work, row, placing, wish, chain, facts))
    except NotFound:
        await go_on(work, (await deals_by_id(work.session, [row.id]))[row.id])
        words = f"nobody has published the approval chain {shown(chain)} that it waits for."
        return MoveRefused(row.id, row.stage, (Problem("/to", "no_chain", words),))
    now = (await deals_by_id(work.session, [row.id]))[row.id]
    if now.stage != row.stage:
        return Moved(row.id, row.stage, now.stage)
    if now.pending is None:
        words = f"the approval chain {shown(chain)} ended at once, and not with a yes."
        return MoveRefused(row.id, row.stage, (Problem("/to", "not_approved", words),))
    await wait(work, row, pending, request_id)
    return AwaitingApproval(row.id, row.stage, stage.key, request_id)


async def recall(work: Work, deal_ids: Sequence[int]) -> None:
    """End the requests of these deals: their moves are not wanted any more."""
    if not deal_ids:
        return
    rows = await deals_by_id(work.session, deal_ids)
    for row in rows.values():
        await go_on(work, row)
    await cancel_requests(work, DEAL_MOVE, list(deal_ids))


async def wait(
    work: Work, row: DealRow, pending: Mapping[str, Any], request_id: int | None
) -> None:
    """The clocks of the stage rest while the move waits; a closed deal gets a stay for that."""
    if row.version_id is None:
        return
    stay = stay_from_json(row.stay) if row.stay else begin(row.stage, work.now)
    version = row.stay_version_id or row.version_id
    plan = (await plans_of(work, [version])).get(version)
    if plan is not None:
        stay = pause(stay, await around(work, plan, row.owner_id))
    state = StayRow(row.id, version, stay_to_json(stay), pending, request_id)
    await put_stays(work.session, [state], work.now)
    if row.stage_kind == "open":
        await set_clocks(work, ClockKind.DEAL, {row.id: None})


async def go_on(work: Work, row: DealRow) -> None:
    """Nothing waits any more: the clocks go on where they stood."""
    if row.stay is None or row.stay_version_id is None:
        return
    stay = resume(stay_from_json(row.stay), work.now)
    state = StayRow(row.id, row.stay_version_id, stay_to_json(stay))
    if row.stage_kind != "open":
        # a closed deal had a stay for its waiting alone
        await remove_stays(work.session, [row.id])
        return
    await put_stays(work.session, [state], work.now)
    plan = (await plans_of(work, [row.stay_version_id])).get(row.stay_version_id)
    stage = plan.stages.get(row.stage) if plan is not None else None
    if plan is not None and stage is not None:
        due = next_due(stay, stage, await around(work, plan, row.owner_id))
        await set_clocks(work, ClockKind.DEAL, {row.id: due})


def _ask(
    work: Work, row: DealRow, placing: Placing, wish: WantedMove, chain: str, facts: Facts
) -> Ask:
    minor, currency = _worth(row, placing.columns)
    amount = None
    if minor is not None and currency is not None:
        deal = facts.get("deal") or {}
        base = (deal.get("amount") or {}).get("base")
        if "amount_minor" not in placing.columns:
            base = row.amount_base_minor
        amount = Amount(minor, currency, base)
    to, label = placing.stage.label, placing.stage.label_zh or placing.stage.label
    return Ask(
        chain=chain,
        subject_kind=DEAL_MOVE,
        subject_id=row.id,
        requester_id=placing.by_id,
        title=Words(f"Move {row.name} to {to}", f"将 {row.name} 移至“{label}”"),
        amount=amount,
        facts=facts,
        key=f"{DEAL_MOVE}:{row.id}:{work.now.isoformat()}:{wish.to_stage}",
        record=("deal", row.id),
        contact_id=row.contact_id,
        owner_id=row.owner_id,
    )


def _worth(row: DealRow, columns: Mapping[str, Any]) -> tuple[int | None, str | None]:
    return (
        columns.get("amount_minor", row.amount_minor),
        columns.get("currency", row.currency),
    )
