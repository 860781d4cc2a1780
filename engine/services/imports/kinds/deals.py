"""Deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.models import ForecastCategory, StageKind
from engine.services.deals.imported import deals_imported
from engine.services.imports.kinds.base import (
    EXTERNAL_ID,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
)
from engine.services.imports.kinds.targets import ACCOUNT, CONTACT, PRODUCT, USER


def _complete(
    values: dict[str, Any], before: Mapping[str, Any] | None, around: Surroundings
) -> dict[str, Any]:
    """A deal enters its stage when it opened or closed if the file says so, else now."""
    stage = around.stages[values["stage_id"]]
    is_open = stage.kind == StageKind.OPEN
    opened = values.get("opened_at") or min(values.get("closed_at") or around.now, around.now)
    moved = before is None or before["stage_id"] != values["stage_id"]
    closed = None if is_open else _closed(values, before, around) or around.now
    derived = {"pipeline_id": stage.pipeline_id, "opened_at": opened, "closed_at": closed}
    if before is None:
        derived["stage_entered_at"] = opened if is_open else closed
        derived["forecast_category"] = values.get("forecast_category") or stage.forecast_category
    elif moved:
        derived["stage_entered_at"] = around.now if is_open else closed
    return derived


def _closed(
    values: Mapping[str, Any], before: Mapping[str, Any] | None, around: Surroundings
) -> Any:
    """When it was closed, by the file or as it was known. A lost deal that a file turns into a won
    one was won when the file says so, and not on the day it was lost."""
    closed = values.get("closed_at")
    if before is None or "closed_at" in around.said:
        return closed
    stood = around.stages.get(before["stage_id"])
    same = stood is not None and stood.kind == around.stages[values["stage_id"]].kind
    return closed if same else None


DEALS = RecordKind(
    name="deals",
    noun="deal",
    table="deal",
    permission="deal",
    fields={
        "external_id": RecordField(),
        "name": RecordField(),
        "account": RecordField(Reads.REFERENCE, "account_id", target=ACCOUNT),
        "contact": RecordField(Reads.REFERENCE, "contact_id", target=CONTACT),
        "owner": RecordField(Reads.REFERENCE, "owner_id", target=USER),
        "product": RecordField(Reads.REFERENCE, "product_id", target=PRODUCT),
        "stage": RecordField(Reads.STAGE, "stage_id"),
        "amount": RecordField(Reads.MONEY, "amount_minor"),
        "currency": RecordField(Reads.CURRENCY),
        "forecast_category": RecordField(Reads.CHOICE, choices=tuple(ForecastCategory)),
        "expected_close_on": RecordField(Reads.DATE),
        "opened_at": RecordField(Reads.INSTANT),
        "closed_at": RecordField(Reads.INSTANT),
        "lost_reason": RecordField(Reads.LONG_TEXT),
    },
    keys={"external_id": EXTERNAL_ID},
    match_by=("external_id",),
    needed=("external_id", "name", "stage"),
    complete=_complete,
    defaults={"custom": {}},
    told_by="contact_id",
    follow_up=deals_imported,
    moves_with=frozenset({"stage_id"}),
)
