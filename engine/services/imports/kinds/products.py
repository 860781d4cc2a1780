"""What is sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.base import folded
from engine.services.imports.kinds.base import (
    Key,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
    by_name,
)


def _complete(
    values: dict[str, Any], _before: Mapping[str, Any] | None, _around: Surroundings
) -> dict[str, Any]:
    """A product without a stock number is known by its name."""
    name_key = folded(values["name"])
    return {"name_key": name_key, "sku": values.get("sku") or "-".join(name_key.split())}


PRODUCTS = RecordKind(
    name="products",
    noun="product",
    table="product",
    permission="order",
    fields={
        "sku": RecordField(),
        "name": RecordField(),
        "family": RecordField(),
        "price": RecordField(Reads.MONEY, "price_minor"),
        "currency": RecordField(Reads.CURRENCY),
    },
    keys={"sku": Key("sku"), "name": by_name()},
    match_by=("sku", "name"),
    needed=("name",),
    complete=_complete,
    dated=False,
)
