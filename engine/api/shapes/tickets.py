"""Tickets: questions, complaints, what is said about them, what is promised for them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from engine.api.shapes.common import Given, Page, Shown
from engine.api.shapes.segments import ContactId, Line

Status = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
StatusGiven = Literal["open", "pending", "on_hold", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Word = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(max_length=50_000)]
UserId = Annotated[int, Field(ge=1, le=2**53)]
MessageId = Annotated[str | None, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class TicketGiven(Given):
    """Who asks is named by `contact_id` or by `email`; an address nobody has makes a contact. The
    same customer about the same subject, some days long, adds to the ticket that is open.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"contact_id": 1, "subject": "It does not work", "body": "Since noon."}]
        }
    )

    subject: Line
    body: Text = ""
    contact_id: ContactId | None = None
    email: Annotated[str, Field(min_length=3, max_length=254)] | None = None
    name: Line | None = None
    source: Word = "api"
    category: Word | None = None
    priority: Priority | None = Field(
        default=None, description="As the rules of the ticket policy say, when left out."
    )
    external_id: MessageId = None
    message_id: MessageId = Field(
        default=None, description="Your own id of this message; it is taken in once."
    )


class TicketTaken(Shown):
    """`new` is false when the question was added to a ticket that was there."""

    ticket_id: int
    new: bool


class TicketChange(Given):
    """Members that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "solved"}]})

    status: StatusGiven | None = None
    priority: Priority | None = None
    owner_id: UserId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> TicketChange:
        if not self.model_fields_set:
            raise ValueError("say what is to be changed: status, priority or owner_id")
        return self


class CommentGiven(Given):
    """`by` says who speaks: "us" (the default) or the "customer", whose words another system
    passes on. `internal` ones the customer never sees. `then` is the status an answer leaves.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"body": "Which printer is it?", "then": "pending"}]}
    )

    body: Annotated[str, Field(min_length=1, max_length=50_000)]
    by: Literal["us", "customer"] = "us"
    internal: bool = False
    then: StatusGiven | None = None
    source: Word = "api"
    message_id: MessageId = None

    @model_validator(mode="after")
    def _fits(self) -> CommentGiven:
        if (self.by == "customer" or self.internal) and self.then is not None:
            raise ValueError('"then" is of an answer of ours that the customer can read')
        if self.by == "customer" and self.internal:
            raise ValueError("what the customer says is not internal")
        return self


class CommentAdded(Shown):
    """`ticket_id` is another one when the ticket was merged, or closed too long ago."""

    ticket_id: int


class TicketMerge(Given):
    model_config = ConfigDict(json_schema_extra={"examples": [{"into": 1}]})

    into: UserId


class TicketLine(Shown):
    id: int
    subject: str
    status: Status
    priority: Priority
    category: str | None
    contact_id: int | None
    owner_id: int | None
    opened_at: datetime
    first_response_at: datetime | None
    solved_at: datetime | None
    satisfaction_score: int | None


class TicketPage(Page):
    items: list[TicketLine]


class ClockShown(Shown):
    """Seconds of working time. `due_at` is null while the clock stands still, and once it is
    over.
    """

    clock: Literal["response", "resolution"]
    limit_seconds: int
    spent_seconds: int
    running: bool
    due_at: datetime | None
    breached: bool


class TicketShown(TicketLine):
    account_id: int | None
    external_id: str | None
    source: str | None
    closed_at: datetime | None
    reopened: int
    merged_into_id: int | None
    policy_version: int | None
    satisfaction_comment: str | None
    satisfaction_asked_at: datetime | None
    clocks: list[ClockShown]


class CommentShown(Shown):
    """`author` is the name of one of our people; null for the customer and for Cadenza."""

    id: int
    author_kind: Literal["contact", "user", "system"]
    author_id: int | None
    author: str | None
    internal: bool
    body: str
    source: str | None
    created_at: datetime


class CommentPage(Page):
    items: list[CommentShown]


class TicketPolicyGiven(Given):
    """The policy of the page "Tickets" of the documentation, as JSON."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"policy": {"targets": {"normal": {"response": "4h"}}, "alerts": [75]}}]
        }
    )

    policy: dict[str, Any]


class TicketPolicyShown(Shown):
    """`version` 0 is the shipped policy, which nobody has saved."""

    version: int
    policy: dict[str, Any]
    saved_by: str | None
    saved_at: datetime | None
