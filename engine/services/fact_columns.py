"""Where the facts of the catalogue are kept: which column of which table, for loading and for SQL
alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table

from crm_store.models import (
    Account,
    Contact,
    ContactTag,
    Deal,
    Event,
    Order,
    Pipeline,
    Stage,
    Ticket,
)
from engine.rules import RecordKind
from engine.rules.ir import Path
from engine.rules.to_sql import Binding, ListSource, Scope, SetSource

Columns = Mapping[Path, ColumnElement[Any]]


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


CONTACT = _table(Contact)
ACCOUNT = _table(Account)
DEAL = _table(Deal)
TICKET = _table(Ticket)
ORDER = _table(Order)
EVENT = _table(Event)
CONTACT_TAG = _table(ContactTag)
_STAGE = _table(Stage)
_PIPELINE = _table(Pipeline)


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """One kind of record: its rows, whose they are, its fields, its documents, and where a text is
    kept folded.
    """

    rows: FromClause
    owner: ColumnElement[int]
    fields: Columns
    documents: Columns = field(default_factory=dict)
    folded: Columns = field(default_factory=dict)

    @property
    def matching(self) -> Columns:
        """The columns that a condition compares: the folded form where there is one."""
        return {**self.fields, **self.folded}


def _same_names(table: Table, *names: str) -> Columns:
    return {(name,): table.c[name] for name in names}


def _money(name: str, minor: ColumnElement[Any], currency: ColumnElement[Any]) -> Columns:
    return {(name, "minor"): minor, (name, "currency"): currency}


RECORDS: Mapping[RecordKind, RecordColumns] = {
    "contact": RecordColumns(
        rows=CONTACT,
        owner=CONTACT.c.id,
        fields=_same_names(
            CONTACT,
            *("id", "external_id", "email", "phone", "first_name", "last_name", "job_title"),
            *("language", "country", "city", "time_zone", "birthday", "birthday_calendar"),
            *("lifecycle_stage", "lead_status", "source", "score", "owner_id"),
            *("last_seen_at", "created_at", "updated_at"),
        ),
        documents={("custom",): CONTACT.c.custom},
        folded={("email",): CONTACT.c.email_key},
    ),
    "account": RecordColumns(
        rows=ACCOUNT,
        owner=ACCOUNT.c.id,
        fields={
            **_same_names(
                ACCOUNT,
                *("id", "external_id", "name", "domain", "industry", "employee_count"),
                *("country", "city", "year_founded", "owner_id", "created_at", "updated_at"),
            ),
            **_money("annual_revenue", ACCOUNT.c.annual_revenue_minor, ACCOUNT.c.currency),
        },
        documents={("custom",): ACCOUNT.c.custom},
        folded={("name",): ACCOUNT.c.name_key},
    ),
    "deal": RecordColumns(
        rows=DEAL.join(_STAGE, DEAL.c.stage_id == _STAGE.c.id).join(
            _PIPELINE, DEAL.c.pipeline_id == _PIPELINE.c.id
        ),
        owner=DEAL.c.contact_id,
        fields={
            **_same_names(
                DEAL,
                *("id", "external_id", "name", "stage_entered_at", "forecast_category"),
                *("expected_close_on", "opened_at", "closed_at", "lost_reason", "owner_id"),
                *("created_at", "updated_at"),
            ),
            ("pipeline",): _PIPELINE.c.key,
            ("stage",): _STAGE.c.key,
            ("stage_kind",): _STAGE.c.kind,
            ("probability_percent",): _STAGE.c.probability_percent,
            **_money("amount", DEAL.c.amount_minor, DEAL.c.currency),
        },
        documents={("custom",): DEAL.c.custom},
    ),
    "ticket": RecordColumns(
        rows=TICKET,
        owner=TICKET.c.contact_id,
        fields=_same_names(
            TICKET,
            *("id", "external_id", "subject", "status", "priority", "owner_id"),
            *("opened_at", "solved_at", "created_at"),
        ),
    ),
    "order": RecordColumns(
        rows=ORDER,
        owner=ORDER.c.contact_id,
        fields={
            **_same_names(ORDER, "id", "external_id", "status", "item_count", "placed_at"),
            **_money("total", ORDER.c.total_minor, ORDER.c.currency),
        },
    ),
    "event": RecordColumns(
        rows=EVENT,
        owner=EVENT.c.contact_id,
        fields=_same_names(EVENT, "name", "kind", "source", "occurred_at"),
        documents={("properties",): EVENT.c.properties},
    ),
}

TAGS = SetSource(CONTACT_TAG, CONTACT_TAG.c.contact_id, CONTACT_TAG.c.tag)


def _never_null(columns: Columns) -> frozenset[Path]:
    return frozenset(
        path for path, column in columns.items() if not getattr(column, "nullable", True)
    )


def _below(head: str, columns: Columns) -> Columns:
    return {(head, *path): column for path, column in columns.items()}


def _list(kind: RecordKind) -> ListSource:
    record = RECORDS[kind]
    columns = record.matching
    scope = Scope(columns, record.documents, never_null=_never_null(columns))
    return ListSource(record.rows, record.owner, scope)


def _root() -> Scope:
    contact, account = RECORDS["contact"], RECORDS["account"]
    own = _below("contact", contact.matching)
    return Scope(
        columns={**own, **_below("account", account.matching)},
        documents={**_below("contact", contact.documents), **_below("account", account.documents)},
        sets={("contact", "tags"): TAGS},
        # a contact may have no account, so nothing of an account is certain
        never_null=_never_null(own),
    )


# Rules over contacts. A query that uses it joins the account from the outside when a rule reads it.
CONTACTS = Binding(
    key=CONTACT.c.id,
    root=_root(),
    lists={
        "orders": _list("order"),
        "events": _list("event"),
        "deals": _list("deal"),
        "tickets": _list("ticket"),
    },
)
