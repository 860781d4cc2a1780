"""Cases that somebody must take up, answers to them, and who is on duty."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Moment, Page, Shown, Words
from engine.escalations.urgency import Urgency

_HIGHEST = 2**53
Verb = Literal["acknowledge", "resolve", "reassign", "pause", "resume"]
# NUL cannot be stored.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
_OPEN: dict[str, Any] = {
    "policy": "complaint",
    "subject_kind": "contact",
    "subject_id": 7,
    "title": "Angry about a late delivery",
    "body": "Wants to be called today.",
    "urgency": "high",
}
_ANSWER: dict[str, Any] = {"verb": "resolve", "comment": "Called; a new one is on its way."}
_SWAP: dict[str, Any] = {
    "policy": "night",
    "rotation": "first_line",
    "user_id": 3,
    "starts_at": "2026-03-06T17:00:00Z",
    "ends_at": "2026-03-09T08:00:00Z",
}


class CaseShown(Shown):
    """`status`: open, acknowledged, held (nobody is there, or nobody took it up), resolved or
    unanswered; `held_for` says why it is held. `level` is the last level told, 0 before the first.
    `asked` counts the asks it took in. `due_at` is when something happens by itself.
    """

    id: int
    title: Words
    body: Words
    subject_kind: str
    subject_id: int
    policy: str
    urgency: str
    status: str
    paused: bool
    held_for: str | None
    level: int
    told: tuple[str, ...]
    asked: int
    opened_at: datetime
    due_at: datetime | None
    owner: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    comment: str | None


class CasePage(Page):
    items: list[CaseShown]


class StepShown(Shown):
    """`kind`: told, told_again, skipped, held, taken, reopened, paused, resumed, folded, ended."""

    at: datetime
    kind: str
    round: int | None
    level: int | None
    who: str | None
    why: str | None
    urgency: str | None


class CaseInFull(CaseShown):
    """With who was told when, and why; the newest 500 steps."""

    steps: list[StepShown]


class CaseGiven(Given):
    """`owner_id` and `team` are what "owner", "manager" and "team_head" mean in the policy; the
    owner of a contact need not be said."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OPEN]})

    policy: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    subject_kind: Literal["contact", "account", "deal", "ticket"]
    subject_id: Annotated[int, Field(ge=1, le=_HIGHEST)]
    title: Annotated[Text, Field(min_length=1, max_length=200)]
    body: Annotated[Text, Field(max_length=10_000)] = ""
    urgency: Urgency = Urgency.NORMAL
    owner_id: Annotated[int | None, Field(ge=1, le=_HIGHEST)] = None
    team: Annotated[Text | None, Field(max_length=200)] = None


class CaseOpened(Shown):
    """The case that was opened, or the open one that took the ask in."""

    id: int


class AnswerGiven(Given):
    """`to` is the person it is given to with "reassign"."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ANSWER]})

    verb: Verb
    to: Annotated[int | None, Field(ge=1, le=_HIGHEST)] = None
    comment: Annotated[Text | None, Field(max_length=2000)] = None


class CaseTaken(Shown):
    """`code`: accepted, or already when it was so before."""

    code: str


class DutyShown(Shown):
    """Who has a rotation's duty now and who has it next; null: nobody of it is there."""

    policy: str
    rotation: str
    user_id: int | None
    name: str | None
    next_at: datetime
    next_user_id: int | None
    next_name: str | None


class SwapShown(Shown):
    id: int
    policy: str
    rotation: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    name: str | None


class DutyList(Shown):
    """`overrides` are the swaps that are not over."""

    items: list[DutyShown]
    overrides: list[SwapShown]


class SwapGiven(Given):
    model_config = ConfigDict(json_schema_extra={"examples": [_SWAP]})

    policy: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    rotation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    user_id: Annotated[int, Field(ge=1, le=_HIGHEST)]
    starts_at: Moment
    ends_at: Moment


class SwapSaved(Shown):
    id: int
