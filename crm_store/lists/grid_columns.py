"""What the lists of contacts, accounts and tickets are narrowed and ordered by, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Date, Numeric, String, Table, cast, literal_column
from sqlalchemy import DateTime as Instant
from sqlalchemy.sql import func

from crm_store.models import Account, Contact, Ticket

GridRecord = Literal["contact", "account", "ticket"]


@dataclass(frozen=True, slots=True)
class GridColumn:
    """`value` is what is compared; `folded` says that a text is kept in its folded form. What is
    not known counts as the least where a list is ordered: see `ordering`."""

    value: ColumnElement[Any]
    folded: bool = False


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


CONTACT: Final = _table(Contact)
ACCOUNT: Final = _table(Account)
TICKET: Final = _table(Ticket)
TABLES: Final[Mapping[GridRecord, Table]] = {
    "contact": CONTACT,
    "account": ACCOUNT,
    "ticket": TICKET,
}


def _same_names(table: Table, *names: str) -> dict[str, GridColumn]:
    return {name: GridColumn(table.c[name]) for name in names}


COLUMNS: Final[Mapping[GridRecord, Mapping[str, GridColumn]]] = {
    "contact": {
        "name": GridColumn(CONTACT.c.name_key, folded=True),
        "email": GridColumn(CONTACT.c.email_key, folded=True),
        **_same_names(
            CONTACT,
            *("id", "lifecycle_stage", "lead_status", "owner_id", "account_id", "country", "city"),
            *("language", "phone", "job_title", "source", "score", "birthday", "external_id"),
            *("last_seen_at", "created_at", "updated_at"),
        ),
    },
    "account": {
        "name": GridColumn(ACCOUNT.c.name_key, folded=True),
        **_same_names(
            ACCOUNT,
            *("id", "domain", "industry", "country", "city", "owner_id", "employee_count"),
            *("year_founded", "annual_revenue_minor", "external_id", "created_at", "updated_at"),
        ),
    },
    "ticket": _same_names(
        TICKET,
        *("id", "subject", "status", "priority", "category", "source", "owner_id", "contact_id"),
        *("account_id", "opened_at", "first_response_at", "solved_at", "closed_at"),
        *("satisfaction_score", "reopened", "external_id"),
    ),
}
_CUSTOM: Final = "custom."


def column_of(record: GridRecord, name: str) -> GridColumn:
    """Raises KeyError for a field that the record has not. `custom.<key>` is read as text."""
    if name.startswith(_CUSTOM) and "custom" in TABLES[record].c:
        return GridColumn(TABLES[record].c.custom[name.removeprefix(_CUSTOM)].astext)
    return COLUMNS[record][name]


# What stands for "not known" where a list is ordered, so that no key is ever NULL and one
# comparison of rows finds the next page. Indexes of lists are made of the same expressions.
_LEAST: Final = (
    (Instant, "'1900-01-01 00:00:00+00'::timestamptz"),
    (Date, "'0001-01-01'::date"),
    (BigInteger, "'-9223372036854775808'::bigint"),
    (Numeric, "'-1e300'::numeric"),
    (String, "''::text"),
)


def ordering(record: GridRecord, name: str) -> ColumnElement[Any]:
    """The key by which a list is ordered by this field."""
    value = column_of(record, name).value
    if value.type.python_type is int and not isinstance(value.type, BigInteger):
        value = cast(value, BigInteger)
    if not getattr(value, "nullable", True):
        return value
    for kind, least in _LEAST:
        if isinstance(value.type, kind):
            return func.coalesce(value, literal_column(least), type_=value.type)
    raise TypeError(f"nothing is the least of {record}.{name}")
