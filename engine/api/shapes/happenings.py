"""Activities, events and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from engine.api.shapes.common import Given, Id, Moment, Page, ShortText, Shown, Text

Kind = Literal["task", "call", "meeting", "note"]


class ActivityGiven(Given):
    """About one record. `due_at` is a task's; without `owner_id` it is the caller's."""

    kind: Kind
    subject: Annotated[ShortText, Field(min_length=1, examples=["Call about the offer"])]
    about: Literal["contact", "account", "deal", "ticket"]
    record_id: Id
    body: Text = ""
    owner_id: Id | None = None
    due_at: Moment | None = None


class ManyActivitiesGiven(Given):
    items: Annotated[list[ActivityGiven], Field(min_length=1, max_length=100)]


class ActivityChange(Given):
    """What is left out stays as it is. `done` closes a task or opens it again."""

    subject: Annotated[ShortText, Field(min_length=1)] | None = None
    body: Text | None = None
    owner_id: Id | None = None
    due_at: Moment | None = None
    done: Annotated[bool, Field(examples=[True])] | None = None

    def said(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True)
        for name in ("subject", "done"):
            if given.get(name, ...) is None:
                del given[name]
        return given


class ActivityShown(Shown):
    id: int
    kind: str
    subject: str
    body: str | None
    contact_id: int | None
    account_id: int | None
    deal_id: int | None
    ticket_id: int | None
    owner_id: int | None
    owner: str | None
    run_id: int | None
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


class ActivityPage(Page):
    items: list[ActivityShown]


class EventShown(Shown):
    """`message_id` is the name the source gave it; a source's name is taken once."""

    id: int
    source: str
    message_id: str
    kind: str
    name: str
    contact_id: int
    properties: dict[str, Any]
    occurred_at: datetime
    received_at: datetime


class EventPage(Page):
    items: list[EventShown]


class OrderShown(Shown):
    """Amounts in the smallest unit of the currency; `total_base_minor` in the company's own, null
    without a rate of that day."""

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


class OrderPage(Page):
    items: list[OrderShown]
