"""Everything that happened with one contact, the newest first, page by page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import (
    Activity,
    Consent,
    Deal,
    Event,
    FieldChange,
    Flow,
    FlowVersion,
    Message,
    Order,
    Run,
    Segment,
    SegmentMember,
    Stage,
    Ticket,
)

Happened = Literal[
    "event", "message", "run", "deal", "ticket", "order", "task", "consent", "change"
]
KINDS: Final[tuple[Happened, ...]] = get_args(Happened)


class LifeMark(NamedTuple):
    """The last of a page: at one instant kinds come by name and records by number."""

    at: datetime
    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class LifeRow:
    kind: Happened
    id: int
    at: datetime
    values: dict[str, Any]

    @property
    def mark(self) -> LifeMark:
        return LifeMark(self.at, self.kind, self.id)


async def life_page(
    session: AsyncSession,
    contact_id: int,
    kinds: Collection[Happened],
    *,
    after: LifeMark | None,
    limit: int,
) -> list[LifeRow]:
    """One small question a kind, whatever there is of it."""
    found: list[LifeRow] = []
    for kind in kinds:
        query, at, number = _QUERIES[kind](contact_id)
        if after is not None:
            query = query.where(_below(kind, at, number, after))
        query = query.order_by(at.desc(), number.desc()).limit(limit)
        for row in (await session.execute(query)).mappings():
            values = dict(row)
            found.append(LifeRow(kind, values.pop("life_id"), values.pop("life_at"), values))
    found.sort(key=lambda one: one.mark, reverse=True)
    return found[:limit]


def _below(
    kind: str, at: ColumnElement[datetime], number: ColumnElement[int], mark: LifeMark
) -> ColumnElement[bool]:
    if kind > mark.kind:
        return at < mark.at
    if kind < mark.kind:
        return at <= mark.at
    return or_(at < mark.at, and_(at == mark.at, number < mark.id))


_Query = tuple[Select[Any], Any, Any]


def _query(model: Any, at: Any, *columns: Any, number: Any = None) -> _Query:
    number = model.id if number is None else number
    return select(number.label("life_id"), at.label("life_at"), *columns), at, number


def _events(contact_id: int) -> _Query:
    columns = (Event.name, Event.kind.label("event_kind"), Event.source, Event.properties)
    query, at, number = _query(Event, Event.occurred_at, *columns)
    return query.where(Event.contact_id == contact_id), at, number


def _messages(contact_id: int) -> _Query:
    columns = (
        *(Message.subject, Message.template, Message.state, Message.reason, Message.channel),
        *(Message.opened_at, Message.clicked_at, Message.bounced_at),
    )
    query, at, number = _query(Message, Message.handed_over_at, *columns)
    return query.where(Message.contact_id == contact_id), at, number


def _runs(contact_id: int) -> _Query:
    columns = (Flow.name, Flow.label, FlowVersion.number.label("version"), Run.state, Run.outcome)
    query, at, number = _query(Run, Run.entered_at, *columns)
    query = query.join(Flow, Flow.id == Run.flow_id)
    query = query.join(FlowVersion, FlowVersion.id == Run.flow_version_id)
    mine = and_(Run.subject_kind == "contact", Run.subject_id == contact_id)
    return query.where(mine), at, number


def _deals(contact_id: int) -> _Query:
    columns = (
        *(Deal.name, Deal.amount_minor, Deal.currency),
        *(Stage.label.label("stage"), Stage.label_zh.label("stage_zh")),
        Stage.kind.label("stage_kind"),
    )
    query, at, number = _query(Deal, Deal.opened_at, *columns)
    query = query.join(Stage, Stage.id == Deal.stage_id)
    return query.where(Deal.contact_id == contact_id), at, number


def _tickets(contact_id: int) -> _Query:
    query, at, number = _query(
        Ticket, Ticket.opened_at, Ticket.subject, Ticket.status, Ticket.priority
    )
    return query.where(Ticket.contact_id == contact_id), at, number


def _orders(contact_id: int) -> _Query:
    columns = (Order.external_id, Order.status, Order.total_minor, Order.currency)
    query, at, number = _query(Order, Order.placed_at, *columns)
    return query.where(Order.contact_id == contact_id), at, number


def _tasks(contact_id: int) -> _Query:
    columns = (
        *(Activity.kind.label("activity_kind"), Activity.subject, Activity.body),
        *(Activity.due_at, Activity.done_at, Activity.run_id),
    )
    query, at, number = _query(Activity, Activity.created_at, *columns)
    return query.where(Activity.contact_id == contact_id), at, number


def _consents(contact_id: int) -> _Query:
    columns = (Consent.channel, Consent.purpose, Consent.granted, Consent.source)
    # a contact has one answer for each channel and purpose, which need no number to tell apart
    query, at, number = _query(Consent, Consent.recorded_at, *columns, number=literal(0))
    return query.where(Consent.contact_id == contact_id), at, number


def _changes(contact_id: int) -> _Query:
    columns = (FieldChange.record, FieldChange.field, FieldChange.old, FieldChange.new)
    query, at, number = _query(FieldChange, FieldChange.changed_at, *columns)
    mine = and_(FieldChange.contact_id == contact_id, FieldChange.record == "contact")
    return query.where(mine), at, number


_QUERIES: Final[dict[Happened, Any]] = {
    "event": _events,
    "message": _messages,
    "run": _runs,
    "deal": _deals,
    "ticket": _tickets,
    "order": _orders,
    "task": _tasks,
    "consent": _consents,
    "change": _changes,
}


async def memberships_of(
    session: AsyncSession, contact_id: int, limit: int
) -> list[tuple[str, str, str | None, str]]:
    """(name, label, Chinese label, kind) of the segments that the contact belongs to."""
    found = await session.execute(
        select(Segment.name, Segment.label, Segment.label_zh, Segment.kind)
        .join(SegmentMember, SegmentMember.segment_id == Segment.id)
        .where(SegmentMember.contact_id == contact_id)
        .order_by(Segment.label, Segment.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


async def changes_of_field(
    session: AsyncSession, contact_id: int, field: str, limit: int
) -> list[tuple[datetime, Any, Any]]:
    """(when, before, after), the newest first."""
    found = await session.execute(
        select(FieldChange.changed_at, FieldChange.old, FieldChange.new)
        .where(
            FieldChange.contact_id == contact_id,
            FieldChange.record == "contact",
            FieldChange.field == field,
        )
        .order_by(FieldChange.changed_at.desc(), FieldChange.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in found]
