"""Messages that went out, and addresses that get none."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from engine.api.shapes.common import Given, Page, Shown

State = Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$", examples=["maybe_sent"])]
Medium = Literal["email", "sms"]
_Address = Annotated[
    str, Field(min_length=1, max_length=400, pattern=r"^[^\x00]+$", examples=["ada@example.com"])
]


class MessageShown(Shown):
    """`provider_key` is the id that travels with it, as Message-ID in mail."""

    id: int
    run_id: int
    flow: str
    flow_label: str
    node: str
    contact_id: int
    contact: str
    address: str | None
    subject: str | None
    template: str
    purpose: str
    channel: str
    language: str | None
    provider_key: str
    state: str
    reason: str | None
    handed_over_at: datetime
    answered_at: datetime | None


class MessagePage(Page):
    items: list[MessageShown]


class SettleGiven(Given):
    """What somebody found out about a message of which nobody knows if it arrived."""

    was_sent: bool


class SettledMany(Given):
    """The same for several."""

    ids: Annotated[list[Annotated[int, Field(ge=1, le=2**53)]], Field(min_length=1, max_length=100)]
    was_sent: bool


class SuppressionShown(Shown):
    """`address` as it is compared; "@example.com" is everybody at a domain."""

    medium: str
    address: str
    reason: str
    recorded_at: datetime


class SuppressionPage(Page):
    items: list[SuppressionShown]


class SuppressGiven(Given):
    """Addresses, or domains ("example.com")."""

    addresses: Annotated[list[_Address], Field(min_length=1, max_length=10_000)]
    medium: Medium = "email"
    reason: Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9_]*$")] = "manual"


class SuppressedShown(Shown):
    """`known` were on the list before."""

    new: int
    known: int


class AllowGiven(Given):
    address: _Address
    medium: Medium = "email"


class AllowedShown(Shown):
    """Why nobody was to write to it."""

    reason: str


class MailLine(Shown):
    id: int
    message_id: str | None
    received_at: datetime
    sender: str
    recipients: list[str]
    subject: str
    size_bytes: int


class MailPage(Page):
    items: list[MailLine]


class MailHeader(Shown):
    name: str
    value: str


class AttachmentShown(Shown):
    name: str
    media_type: str
    size_bytes: int


class MailShown(MailLine):
    """`html` is what the sender wrote: show it nowhere without a sandbox."""

    headers: list[MailHeader]
    text: str | None
    html: str | None
    attachments: list[AttachmentShown]
