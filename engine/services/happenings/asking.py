"""Events and orders, of the contacts that the actor may see."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import happenings as rows
from crm_store.lists.happenings import EventFilter, EventRow, OrderFilter, OrderRow
from crm_store.models import Contact
from engine.errors import NotFound
from engine.services.actor import Actor, allowed, allowed_some, hidden_fields
from engine.services.roles.hidden_values import without_hidden
from engine.services.roles.visibility import is_visible, sees_all, visible


async def list_events(
    session: AsyncSession,
    actor: Actor,
    wanted: EventFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[EventRow]:
    """What arrived last comes first. Raises NotAllowed."""
    allowed(actor, "read", "event")
    whose = _whose(actor)
    found = await rows.events_page(session, wanted, whose, before=before, limit=limit)
    return [_shown(one, actor) for one in found]


async def show_event(session: AsyncSession, actor: Actor, event_id: int) -> EventRow:
    """Raises NotAllowed, NotFound."""
    allowed(actor, "read", "event")
    allowed_some(actor, "read", "contact")
    found = await rows.event_row(session, event_id)
    if found is None or not is_visible(actor, "read", "contact", found[1]):
        raise NotFound(f"There is no event {event_id}.")
    return _shown(found[0], actor)


async def list_orders(
    session: AsyncSession,
    actor: Actor,
    wanted: OrderFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[OrderRow]:
    """The newest first. Raises NotAllowed."""
    allowed(actor, "read", "order")
    whose = _whose(actor)
    return await rows.orders_page(session, wanted, whose, before=before, limit=limit)


async def show_order(session: AsyncSession, actor: Actor, order_id: int) -> OrderRow:
    """Raises NotAllowed, NotFound."""
    allowed(actor, "read", "order")
    allowed_some(actor, "read", "contact")
    found = await rows.order_row(session, order_id)
    if found is None or not is_visible(actor, "read", "contact", found[1]):
        raise NotFound(f"There is no order {order_id}.")
    return found[0]


def _shown(event: EventRow, actor: Actor) -> EventRow:
    hidden = hidden_fields(actor, "contact")
    return replace(event, properties=without_hidden(event.properties, hidden)) if hidden else event


def _whose(actor: Actor) -> ColumnElement[bool] | None:
    """An event says who it is about, so it takes that one may see contacts."""
    allowed_some(actor, "read", "contact")
    if sees_all(actor, "contact"):
        return None
    return visible(actor, "read", "contact", Contact.owner_id)
