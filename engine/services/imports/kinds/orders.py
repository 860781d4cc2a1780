"""What was bought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.models import OrderStatus
from engine.services.imports.kinds.base import (
    EXTERNAL_ID,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
)
from engine.services.imports.kinds.targets import CONTACT


def _complete(
    _values: dict[str, Any], _before: Mapping[str, Any] | None, _around: Surroundings
) -> dict[str, Any]:
    return {}


ORDERS = RecordKind(
    name="orders",
    noun="order",
    table="order",
    permission="order",
    fields={
        "external_id": RecordField(),
        "contact": RecordField(Reads.REFERENCE, "contact_id", target=CONTACT),
        "placed_at": RecordField(Reads.INSTANT),
        "status": RecordField(Reads.CHOICE, choices=tuple(OrderStatus)),
        "total": RecordField(Reads.MONEY, "total_minor"),
        "currency": RecordField(Reads.CURRENCY),
        "item_count": RecordField(Reads.INTEGER),
    },
    keys={"external_id": EXTERNAL_ID},
    match_by=("external_id",),
    needed=("external_id", "contact", "placed_at", "total", "currency"),
    complete=_complete,
    defaults={"status": OrderStatus.COMPLETED},
    told_by="contact_id",
    dated=False,
)
