"""Where the facts of the catalogue are kept: which column of which table, for loading and for SQL
alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, select

from crm_store.models import (
    Account,
    Contact,
    ContactTag,
    Deal,
    Event,
    FieldChange,
    Flow,
    Message,
    Order,
    Pipeline,
    Segment,
    SegmentKind,
    SegmentMember,
    Stage,
    Ticket,
)
from engine.rules import Reads, RecordKind
from engine.rules.ir import Path
from engine.rules.to_sql import Binding, ListSource, Scope, SetSource
from engine.services.summary_columns import SUMMARY, SUMMARY_FIELDS, SUMMARY_NEVER_NULL

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
MESSAGE = _table(Message)
CONTACT_TAG = _table(ContactTag)
STAGE = _table(Stage)
_PIPELINE = _table(Pipeline)
_FLOW = _table(Flow)
_HISTORY = _table(FieldChange)
# What changed in the contacts themselves; their deals' and orders' changes stand in the same table.
CHANGE = (
    select(*(_HISTORY.c[name] for name in ("contact_id", "field", "old", "new", "changed_at")))
    .where(_HISTORY.c.record == "contact")
    .subquery("contact_change")
)


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
        fields={
            **_same_names(
                CONTACT,
                *("id", "external_id", "email", "phone", "first_name", "last_name", "job_title"),
                *("language", "country", "city", "time_zone", "birthday", "birthday_calendar"),
                *("lifecycle_stage", "lead_status", "source", "score", "owner_id"),
                *("last_seen_at", "created_at", "updated_at"),
            ),
            **SUMMARY_FIELDS,
        },
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
        rows=DEAL.join(STAGE, DEAL.c.stage_id == STAGE.c.id).join(
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
            ("stage",): STAGE.c.key,
            ("stage_kind",): STAGE.c.kind,
            ("probability_percent",): STAGE.c.probability_percent,
            **_money("amount", DEAL.c.amount_minor, DEAL.c.currency),
            ("amount", "base"): DEAL.c.amount_base_minor,
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
            ("total", "base"): ORDER.c.total_base_minor,
        },
    ),
    "event": RecordColumns(
        rows=EVENT,
        owner=EVENT.c.contact_id,
        # no rule can ask when it was received; facts of a past moment are told by it
        fields=_same_names(EVENT, "name", "kind", "source", "occurred_at", "received_at"),
        documents={("properties",): EVENT.c.properties},
    ),
    "message": RecordColumns(
        rows=MESSAGE,
        owner=MESSAGE.c.contact_id,
        fields={
            **_same_names(MESSAGE, "state", "template", "channel", "purpose", "handed_over_at"),
            # asked for alone: few rules read it, and a join would cost all the others
            ("flow",): select(_FLOW.c.name)
            .where(_FLOW.c.id == MESSAGE.c.flow_id)
            .correlate(MESSAGE)
            .scalar_subquery(),
        },
    ),
    "change": RecordColumns(
        rows=CHANGE,
        owner=CHANGE.c.contact_id,
        fields={("field",): CHANGE.c.field, ("changed_at",): CHANGE.c.changed_at},
        documents={("old",): CHANGE.c.old, ("new",): CHANGE.c.new},
    ),
}

TAGS = SetSource(CONTACT_TAG, CONTACT_TAG.c.contact_id, CONTACT_TAG.c.tag)
# The static lists a contact is on, by name. Segments that are rules are written out instead.
_ON_LISTS = (
    select(SegmentMember.contact_id, Segment.name)
    .join(Segment, Segment.id == SegmentMember.segment_id)
    .where(Segment.kind == SegmentKind.STATIC)
    .subquery("on_list")
)
LISTS_BY_HAND = SetSource(_ON_LISTS, _ON_LISTS.c.contact_id, _ON_LISTS.c.name)


def _never_null(columns: Columns) -> frozenset[Path]:
    return frozenset(
        path for path, column in columns.items() if not getattr(column, "nullable", True)
    )


def _below(head: str, columns: Columns) -> Columns:
    return {(head, *path): column for path, column in columns.items()}


# ix_event_name_occurred_at finds the events of one name.
_INDEXED: Mapping[RecordKind, frozenset[Path]] = {"event": frozenset({("name",)})}


def _list(kind: RecordKind) -> ListSource:
    record = RECORDS[kind]
    columns = record.matching
    scope = Scope(columns, record.documents, never_null=_never_null(columns))
    return ListSource(record.rows, record.owner, scope, _INDEXED.get(kind, frozenset()))


def _root() -> Scope:
    contact, account = RECORDS["contact"], RECORDS["account"]
    own = _below("contact", contact.matching)
    return Scope(
        columns={**own, **_below("account", account.matching)},
        documents={**_below("contact", contact.documents), **_below("account", account.documents)},
        sets={("contact", "tags"): TAGS, ("contact", "segments"): LISTS_BY_HAND},
        # a contact may have no account, so nothing of an account is certain
        never_null=_never_null(own) | {("contact", *path) for path in SUMMARY_NEVER_NULL},
    )


# Rules over contacts, for queries over `contact_rows`.
CONTACTS = Binding(
    key=CONTACT.c.id,
    root=_root(),
    lists={
        "orders": _list("order"),
        "events": _list("event"),
        "deals": _list("deal"),
        "tickets": _list("ticket"),
        "messages": _list("message"),
        "changes": _list("change"),
    },
)


def contact_rows(reads: Reads) -> FromClause:
    """Contacts, with account and summary joined from the outside when they are read."""
    rows: FromClause = CONTACT
    if "account" in reads.records:
        rows = rows.outerjoin(ACCOUNT, CONTACT.c.account_id == ACCOUNT.c.id)
    if reads.of("contact") & SUMMARY_FIELDS.keys():
        rows = rows.outerjoin(SUMMARY, SUMMARY.c.contact_id == CONTACT.c.id)
    return rows
