"""Companies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.base import folded
from engine.services.imports.kinds.base import (
    EXTERNAL_ID,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
    by_name,
)
from engine.services.imports.kinds.targets import ACCOUNT, DOMAIN, USER, bare_domain


def _complete(
    values: dict[str, Any], _before: Mapping[str, Any] | None, _around: Surroundings
) -> dict[str, Any]:
    domain = values.get("domain")
    return {
        "name_key": folded(values["name"]),
        "domain": bare_domain(domain) if domain else None,
    }


ACCOUNTS = RecordKind(
    name="accounts",
    noun="account",
    table="account",
    permission="account",
    fields={
        "external_id": RecordField(),
        "name": RecordField(),
        "domain": RecordField(),
        "industry": RecordField(),
        "employee_count": RecordField(Reads.INTEGER),
        "annual_revenue": RecordField(Reads.MONEY, "annual_revenue_minor"),
        "currency": RecordField(Reads.CURRENCY),
        "country": RecordField(Reads.COUNTRY),
        "city": RecordField(),
        "year_founded": RecordField(Reads.INTEGER),
        "parent": RecordField(Reads.REFERENCE, "parent_account_id", target=ACCOUNT),
        "owner": RecordField(Reads.REFERENCE, "owner_id", target=USER),
    },
    keys={"external_id": EXTERNAL_ID, "domain": DOMAIN, "name": by_name()},
    match_by=("external_id", "domain", "name"),
    needed=("name",),
    complete=_complete,
    defaults={"custom": {}},
)
