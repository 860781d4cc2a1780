"""Requests for approval, their history, and answers to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, Shown
from engine.services.approvals.answers import LONGEST_COMMENT, MOST_FILES
from engine.services.approvals.doors import MOST_AT_ONCE

_HIGHEST = 2**53
Verb = Literal[
    "approve",
    "reject",
    "return",
    "send_back",
    "ask_back",
    "answer",
    "delegate",
    "recall",
    "resubmit",
    "comment",
]
_ANSWER: dict[str, Any] = {"verb": "approve", "comment": "Fine for this quarter."}
_BULK: dict[str, Any] = {"ids": [7, 8], "verb": "approve", "comment": None}


class AmountShown(Shown):
    minor: int
    currency: str


class VoiceShown(Shown):
    """One voice of the present level. `acting_id`: who is there to use it, null for nobody."""

    holder_id: int
    holder: str
    acting_id: int | None
    vote: str | None
    by: str | None


class RequestShown(Shown):
    """`status`: open, held (nobody can decide but an admin), returned (to its requester), or how it
    ended: approved, rejected, recalled, timed_out, cancelled. `why` is a code where no person ended
    or held it.
    """

    id: int
    title: str
    body: str
    status: str
    why: str | None
    subject_kind: str
    subject_id: int
    record_kind: str | None
    record_id: int | None
    contact_id: int | None
    requester_id: int | None
    requester: str | None
    amount: AmountShown | None
    chain: str | None
    level: str
    levels: list[str]
    voices: list[VoiceShown]
    decided_by: list[str]
    opened_at: datetime
    deadline: datetime | None
    ended_at: datetime | None
    question: bool
    can_decide: bool
    can_recall: bool


class EntryShown(Shown):
    """A decision or a comment; `door` says where it came from."""

    at: datetime
    by: str | None
    verb: str
    comment: str | None
    level: str | None
    door: str | None
    file_ids: list[int]


class RequestInFull(Shown):
    """`facts` are what was handed in to decide by."""

    request: RequestShown
    facts: dict[str, Any]
    history: list[EntryShown]


class RequestPage(Page):
    items: list[RequestShown]


class AnswerGiven(Given):
    """`level` is for send_back, `to` (a person) for delegate, `files` for comment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    verb: Verb
    comment: str | None = Field(None, max_length=LONGEST_COMMENT)
    level: str | None = Field(None, max_length=63)
    to: int | None = Field(None, ge=1, le=_HIGHEST)
    files: list[int] = Field(default_factory=list, max_length=MOST_FILES)


class Taken(Shown):
    """What became of it: the request's status, and the level it is on."""

    status: str
    level: str


class BulkGiven(Given):
    """The same answer to many requests."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BULK]})

    ids: list[int] = Field(min_length=1, max_length=MOST_AT_ONCE)
    verb: Literal["approve", "reject", "return", "recall"]
    comment: str | None = Field(None, max_length=LONGEST_COMMENT)


class BulkItem(Shown):
    """`code` is "accepted", or why this one was not taken."""

    id: int
    code: str
    message: str


class BulkTaken(Shown):
    items: list[BulkItem]
