"""What contacts did and bought, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, Event, Order


@dataclass(frozen=True, slots=True)
class EventFilter:
    contact_id: int | None = None
    name: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    id: int
    source: str
    message_id: str
    kind: str
    name: str
    contact_id: int
    properties: Mapping[str, Any]
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OrderFilter:
    contact_id: int | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: int
    external_id: str | None
    contact_id: int
    placed_at: datetime
    status: str
    total_minor: int
    currency: str
    total_base_minor: int | None
    item_count: int | None
    created_at: datetime


_EVENT: tuple[Any, ...] = (
    *(Event.id, Event.source, Event.message_id, Event.kind, Event.name, Event.contact_id),
    *(Event.properties, Event.occurred_at, Event.received_at),
)
_ORDER: tuple[Any, ...] = (
    *(Order.id, Order.external_id, Order.contact_id, Order.placed_at, Order.status),
    *(Order.total_minor, Order.currency, Order.total_base_minor, Order.item_count),
    Order.created_at,
)


async def events_page(
    session: AsyncSession,
    wanted: EventFilter,
    whose: ColumnElement[bool] | None,
    *,
    before: int | None,
    limit: int,
) -> list[EventRow]:
    """In the falling order of numbers, which is that of their arrival. `whose` is a condition on
    the contact, None for everybody's."""
    query = select(*_EVENT).order_by(Event.id.desc()).limit(limit)
    for name in ("contact_id", "name", "source"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Event, name) == value)
    if wanted.since is not None:
        query = query.where(Event.occurred_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Event.occurred_at < wanted.until)
    if before is not None:
        query = query.where(Event.id < before)
    if whose is not None:
        query = query.where(_of_contact(Event.contact_id, whose))
    return [EventRow(*row) for row in await session.execute(query)]


async def event_row(session: AsyncSession, event_id: int) -> tuple[EventRow, int | None] | None:
    """With the owner of its contact."""
    query = select(*_EVENT, Contact.owner_id).join(Contact, Contact.id == Event.contact_id)
    row: Any = (await session.execute(query.where(Event.id == event_id))).one_or_none()
    return None if row is None else (EventRow(*row[:-1]), row[-1])


async def orders_page(
    session: AsyncSession,
    wanted: OrderFilter,
    whose: ColumnElement[bool] | None,
    *,
    before: int | None,
    limit: int,
) -> list[OrderRow]:
    """In the falling order of numbers."""
    query = select(*_ORDER).order_by(Order.id.desc()).limit(limit)
    for name in ("contact_id", "status"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Order, name) == value)
    if wanted.since is not None:
        query = query.where(Order.placed_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Order.placed_at < wanted.until)
    if before is not None:
        query = query.where(Order.id < before)
    if whose is not None:
        query = query.where(_of_contact(Order.contact_id, whose))
    return [OrderRow(*row) for row in await session.execute(query)]


async def order_row(session: AsyncSession, order_id: int) -> tuple[OrderRow, int | None] | None:
    """With the owner of its contact."""
    query = select(*_ORDER, Contact.owner_id).join(Contact, Contact.id == Order.contact_id)
    row: Any = (await session.execute(query.where(Order.id == order_id))).one_or_none()
    return None if row is None else (OrderRow(*row[:-1]), row[-1])


def _of_contact(column: Any, whose: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(1).where(Contact.id == column, whose).correlate_except(Contact)
    return found.exists()
