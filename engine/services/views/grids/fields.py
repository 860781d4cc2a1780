"""The fields that lists of contacts, accounts and tickets show, narrow by and order by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from crm_store.lists.grid_columns import GridRecord as GridRecord
from crm_store.models import LeadStatus, LifecycleStage, TicketPriority, TicketStatus
from engine.rules.types import Type
from engine.services.custom_fields import DefinedField

FieldKind = Literal[
    "text",
    "choice",
    "person",
    "number",
    "money",
    "instant",
    "day",
    "yes_no",
    "tags",
    "account",
    "contact",
]


@dataclass(frozen=True, slots=True)
class GridField:
    """`label` is set for fields that people defined themselves, in English and Chinese; others are
    named by whoever shows them. `values` is the closed list of a choice. `narrows` says that a list
    can be narrowed by it, `orders` that it can be put into its order."""

    name: str
    kind: FieldKind
    values: tuple[str, ...] = ()
    narrows: bool = True
    orders: bool = True
    label: tuple[str, str] | None = None


def _of(*fields: GridField) -> Mapping[str, GridField]:
    return {one.name: one for one in fields}


FIELDS: Final[Mapping[GridRecord, Mapping[str, GridField]]] = {
    "contact": _of(
        GridField("name", "text", narrows=False),
        GridField("email", "text"),
        GridField("lifecycle_stage", "choice", tuple(LifecycleStage)),
        GridField("lead_status", "choice", tuple(LeadStatus)),
        GridField("owner_id", "person", orders=False),
        GridField("account_id", "account", orders=False),
        GridField("tags", "tags", orders=False),
        GridField("country", "text"),
        GridField("city", "text"),
        GridField("language", "text"),
        GridField("score", "number"),
        GridField("source", "text"),
        GridField("phone", "text", orders=False),
        GridField("job_title", "text"),
        GridField("birthday", "day"),
        GridField("last_seen_at", "instant"),
        GridField("created_at", "instant"),
        GridField("updated_at", "instant"),
        GridField("external_id", "text"),
    ),
    "account": _of(
        GridField("name", "text"),
        GridField("domain", "text"),
        GridField("industry", "text"),
        GridField("owner_id", "person", orders=False),
        GridField("country", "text"),
        GridField("city", "text"),
        GridField("employee_count", "number"),
        GridField("annual_revenue_minor", "money", narrows=False, orders=False),
        GridField("year_founded", "number"),
        GridField("contacts", "number", narrows=False, orders=False),
        GridField("open_deals", "number", narrows=False, orders=False),
        GridField("created_at", "instant"),
        GridField("updated_at", "instant"),
        GridField("external_id", "text"),
    ),
    "ticket": _of(
        GridField("subject", "text"),
        GridField("id", "number"),
        GridField("status", "choice", tuple(TicketStatus)),
        GridField("priority", "choice", tuple(TicketPriority), orders=False),
        GridField("category", "text"),
        GridField("owner_id", "person", orders=False),
        GridField("contact_id", "contact", orders=False),
        GridField("account_id", "account", orders=False),
        GridField("source", "text"),
        GridField("opened_at", "instant"),
        GridField("first_response_at", "instant"),
        GridField("solved_at", "instant"),
        GridField("closed_at", "instant"),
        GridField("satisfaction_score", "number"),
        GridField("reopened", "number"),
        GridField("external_id", "text"),
    ),
}
# What a list shows until somebody chooses, and its order.
COLUMNS: Final[Mapping[GridRecord, tuple[str, ...]]] = {
    "contact": (
        *("name", "lifecycle_stage", "account_id", "owner_id", "country", "score"),
        *("last_seen_at", "created_at"),
    ),
    "account": ("name", "industry", "country", "owner_id", "contacts", "open_deals", "created_at"),
    "ticket": ("subject", "status", "priority", "owner_id", "contact_id", "opened_at"),
}
ORDER: Final[Mapping[GridRecord, tuple[tuple[str, bool], ...]]] = {
    "contact": (("name", False),),
    "account": (("name", False),),
    "ticket": (("id", True),),
}
_CUSTOM: Final[Mapping[Type, FieldKind]] = {
    Type.TEXT: "text",
    Type.NUMBER: "number",
    Type.BOOLEAN: "yes_no",
    Type.DATE: "day",
    Type.DATETIME: "instant",
    Type.SET: "text",
}


def fields_of(record: GridRecord, custom: Sequence[DefinedField]) -> dict[str, GridField]:
    """All fields of a list by name; those that people defined come last. They can be narrowed by
    what they are and cannot be ordered by: no index could help."""
    found = dict(FIELDS[record])
    for one in custom:
        name = f"custom.{one.key}"
        kind = "choice" if one.values and one.type is Type.TEXT else _CUSTOM[one.type]
        found[name] = GridField(
            name,
            kind,
            one.values,
            narrows=one.type in (Type.TEXT, Type.BOOLEAN, Type.DATE),
            orders=False,
            label=(one.label, one.label_zh or one.label),
        )
    return found
