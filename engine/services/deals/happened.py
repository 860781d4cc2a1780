"""Events of deals, which flows may listen to and start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crm_store.deal_rows import DealRow, StageOfPipeline
from crm_store.events import add_events
from crm_store.partitions import partition_of
from engine.flows.triggers.deal_events import DEAL_KIND, DEAL_LOST, DEAL_WON, STAGE_CHANGED
from engine.services.changes.causes import Chains, said_of
from engine.services.changes.said import SOURCE
from engine.services.deals.without_contact import stand_ins

if TYPE_CHECKING:
    from engine.services.work import Work

_CLOSING: Final = {"won": DEAL_WON, "lost": DEAL_LOST}


@dataclass(frozen=True, slots=True)
class Entered:
    """A deal that stands on another stage since this moment. `row` is how it was before, `columns`
    what was written with the move."""

    row: DealRow
    stage: StageOfPipeline
    columns: Mapping[str, Any]
    visit_id: int
    via: str


async def tell_entered(work: Work, entered: Sequence[Entered], behind: Chains) -> None:
    """One event for each deal that changed its stage, and one more for those won or lost. Events
    are a contact's, so deals without one tell nothing; when they are won, a contact of their
    account hears of it."""
    won = [(one.row, one.visit_id) for one in entered if one.stage.kind == "won"]
    others = await stand_ins(work, won)
    rows = [
        event
        for one in entered
        if (contact_id := one.row.contact_id or others.get(one.row.id)) is not None
        for event in _events(one, contact_id, work, behind)
    ]
    if rows:
        # in order of contacts, so that two transactions reach their rows in one order
        await add_events(work.session, sorted(rows, key=_contact), work.now)
        work.after.partitions |= {row["partition"] for row in rows}


def _contact(row: Mapping[str, Any]) -> int:
    contact_id: int = row["contact_id"]
    return contact_id


def _events(one: Entered, contact_id: int, work: Work, behind: Chains) -> list[dict[str, Any]]:
    names = [STAGE_CHANGED]
    if one.stage.kind in _CLOSING:
        names.append(_CLOSING[one.stage.kind])
    said = {**_properties(one), **said_of(behind.get(contact_id))}
    return [
        {
            "source": SOURCE,
            "message_id": f"deal:{one.row.id}:{one.visit_id}:{name}",
            "kind": DEAL_KIND,
            "name": name,
            "contact_id": contact_id,
            "properties": said,
            "occurred_at": work.now,
            "partition": partition_of(contact_id, work.shared.partitions),
        }
        for name in names
    ]


def _properties(one: Entered) -> dict[str, Any]:
    row = one.row._asdict() | dict(one.columns)
    found = {
        "deal_id": one.row.id,
        "deal": row["name"],
        "external_id": row["external_id"],
        "pipeline": one.row.pipeline,
        # a deal that is made here comes from nowhere
        "from_stage": one.row.stage if one.row.stage_id != one.stage.id else None,
        "stage": one.stage.key,
        "stage_kind": one.stage.kind,
        "amount_minor": row["amount_minor"],
        "currency": row["currency"],
        "owner_id": row["owner_id"],
        "account_id": row["account_id"],
        "lost_reason": row["lost_reason"] if one.stage.kind == "lost" else None,
        "via": one.via,
    }
    return {name: value for name, value in found.items() if value is not None}
