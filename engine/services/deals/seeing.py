"""A deal as the machine sees it, with what a move is about to write."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_store.deal_rows import DealRow, in_base
from engine.machines.pipeline import Around
from engine.pipelines import DealView, PipelinePlan
from engine.rules import Facts, Reads, Rule, union
from engine.services.subject_facts import load_subject_facts
from engine.working_time import WorkingCalendar

if TYPE_CHECKING:
    from engine.people import Directory
    from engine.services.calendars.shelf import Calendars
    from engine.services.work import Work

_NAMED = {
    "contact": "contact_id",
    "account": "account_id",
    "owner": "owner_id",
    "product": "product_id",
    "amount": "amount_minor",
}
_SAME = ("name", "external_id", "currency", "expected_close_on", "forecast_category")


def view_of(row: DealRow, columns: Mapping[str, Any]) -> DealView:
    """The deal as it will be once `columns` are written."""
    stored = row._asdict() | {name: value for name, value in columns.items() if name != "custom"}
    values = {name: stored[name] for name in (*_SAME, "lost_reason")}
    values |= {name: stored[column] for name, column in _NAMED.items()}
    custom = {**row.custom, **columns.get("custom", {})}
    return DealView(row.id, row.stage, stored["owner_id"], values, custom)


async def facts_of(
    work: Work, ids: Collection[int], plans: Sequence[PipelinePlan], *, texts: bool = False
) -> dict[int, Facts]:
    """What rules and texts of these pipelines read of the deals; nothing is asked where none of
    them reads anything. `texts`: something will be written about them."""
    reads = union(plan.reads for plan in plans)
    if texts:
        reads |= Reads(fields=frozenset({("deal", "name")}))
    if not ids or not (reads.fields or reads.lists):
        return {id_: {} for id_ in ids}
    return await load_subject_facts(work.session, "deal", ids, reads, work.now)


async def with_columns(
    work: Work,
    facts: Mapping[int, Facts],
    rows: Mapping[int, DealRow],
    columns: Mapping[int, Mapping[str, Any]],
) -> dict[int, Facts]:
    """The facts as they will be once each deal's columns are written."""
    amounts = {
        id_: (own["amount_minor"], own.get("currency"), rows[id_].opened_at.date())
        for id_, own in columns.items()
        if "amount_minor" in own
    }
    base = await in_base(work.session, amounts)
    return {id_: _overlaid(one, columns.get(id_, {}), base.get(id_)) for id_, one in facts.items()}


def _overlaid(facts: Facts, columns: Mapping[str, Any], base: int | None) -> Facts:
    if not columns or "deal" not in facts:
        return facts
    deal = {**facts["deal"]}
    for name, value in columns.items():
        if name == "amount_minor":
            deal["amount"] = {"minor": value, "currency": columns.get("currency"), "base": base}
        elif name == "custom":
            deal["custom"] = {**(deal.get("custom") or {}), **value}
        elif name != "currency":
            deal[name] = value
    return {**facts, "deal": deal}


def calendar_of(
    plan: PipelinePlan, owner_id: int | None, directory: Directory, calendars: Calendars
) -> WorkingCalendar | None:
    """The pipeline's calendar, else the owner's, else the default one. None, where there is none at
    all: time of the clock."""
    name = plan.model.calendar
    if name is None:
        name = directory.calendar_of(owner_id) if owner_id is not None else ""
    return calendars.get(name) or calendars.get("")


async def around(
    work: Work,
    plan: PipelinePlan,
    owner_id: int | None,
    *,
    last_activity_at: datetime | None = None,
    facts: Facts | None = None,
) -> Around:
    """What the clocks of a deal are asked with."""
    directory, calendars = await work.directory(), await work.calendars()
    zone = zone_of(work, owner_id, directory)

    def holds(rule: Rule) -> bool:
        return rule.holds(facts or {}, work.now, zone)

    calendar = calendar_of(plan, owner_id, directory, calendars)
    return Around(work.now, calendar, zone, last_activity_at, holds)


def zone_of(work: Work, owner_id: int | None, directory: Directory) -> str:
    default = work.shared.default_zone
    return default if owner_id is None else directory.zone_of(owner_id, default)
