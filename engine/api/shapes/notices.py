"""What one was told, and how one wants to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, Shown
from engine.services.telling import Urgency

MOST_READ: Final = 500
_Number = Annotated[int, Field(ge=1, le=2**53)]


class NoticeShown(Shown):
    """Without a contact, a run and a subject it is about Cadenza itself. `path` is where to look, a
    path of the designer; `read_at` is null until it was marked as read."""

    id: int
    kind: str
    title: str
    body: str
    urgency: str
    contact_id: int | None
    run_id: int | None
    subject_kind: str | None
    subject_id: int | None
    path: str
    created_at: datetime
    read_at: datetime | None


class NoticePage(Page):
    """`unread` counts all that are not read, up to 100."""

    items: list[NoticeShown]
    unread: int


class NoticesRead(Given):
    """These, and all up to the number `until`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": [1, 2]}, {"until": 2}]})

    ids: list[_Number] = Field(default_factory=list, max_length=MOST_READ)
    until: int = Field(default=0, ge=0, le=2**53)


class MarkedRead(Shown):
    """How many were not read before."""

    marked: int


class WayGiven(Given):
    """`channel` is "default" for mail, "none" for nowhere but here, or the name of a channel."""

    channel: str = Field(min_length=1, max_length=64)
    address: str | None = Field(default=None, min_length=1, max_length=320)


class WaysGiven(Given):
    """These ways and no others; none at all: by mail."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ways": [{"channel": "none"}]}, {"ways": []}]}
    )

    ways: list[WayGiven] = Field(max_length=20)


class WayShown(Shown):
    channel: str
    address: str | None


class WaysShown(Shown):
    """How one is told things of an urgency."""

    urgency: Urgency
    ways: list[WayShown]


class WayList(Shown):
    items: list[WaysShown]
