"""Systems that are told what happens, and the log of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Moment, Page, Shown, ShownOnce
from engine.api.shapes.rules import RULE

State = Literal["unchecked", "waiting", "handing_over", "delivered", "failed"]
_Id = Annotated[int, Field(ge=1, le=2**53)]
_EXAMPLE: dict[str, Any] = {
    "name": "Warehouse",
    "url": "https://warehouse.example.com/cadenza",
    "event_types": ["Order Completed"],
    "rule": RULE,
}


class WebhookGiven(Given):
    """`event_types` are names of events, or `["*"]`. `rule` is asked about each event and its
    contact. `secret` is for receivers that bring their own; otherwise one is made."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Annotated[str, Field(max_length=200)]
    url: Annotated[str, Field(max_length=2_000)]
    event_types: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=50)]
    rule: Any = None
    owner_id: _Id | None = None
    per_second: Annotated[int, Field(ge=1, le=1_000)] = 50
    concurrency: Annotated[int, Field(ge=1, le=20)] = 4
    secret: Annotated[str | None, Field(max_length=200)] = None


class WebhookChange(Given):
    """What is left out stays as it is; `rule: null` takes the rule away."""

    name: Annotated[str | None, Field(max_length=200)] = None
    url: Annotated[str | None, Field(max_length=2_000)] = None
    event_types: Annotated[
        list[Annotated[str, Field(max_length=300)]] | None, Field(max_length=50)
    ] = None
    rule: Any = None
    owner_id: _Id | None = None
    per_second: Annotated[int | None, Field(ge=1, le=1_000)] = None
    concurrency: Annotated[int | None, Field(ge=1, le=20)] = None


class WebhookShown(Shown):
    """`reason` says why it is not enabled: new (not tested yet), by_hand, gone (it answered 410),
    failing (for days), broken_rule. Until `previous_until` messages carry two signatures."""

    id: int
    name: str
    url: str
    event_types: list[str]
    rule: Any
    enabled: bool
    reason: str | None
    owner_id: int | None
    per_second: int
    concurrency: int
    failures: int
    failing_since: datetime | None
    resting_until: datetime | None
    delivered_at: datetime | None
    previous_until: datetime | None
    created_at: datetime
    changed_at: datetime
    changed_by: str
    waiting: int
    failed: int


class WebhookList(Shown):
    items: list[WebhookShown]


class WebhookSecret(ShownOnce):
    """`secret` is shown this once."""

    id: int
    secret: str


class Rotation(Given):
    """`overlap_hours` is how long both secrets sign; 0: the one before is forgotten at once."""

    overlap_hours: Annotated[int, Field(ge=0, le=720)] = 24
    secret: Annotated[str | None, Field(max_length=200)] = None


class TestQueued(Shown):
    """`delivery` says what came of it, in a moment."""

    __test__ = False

    delivery: int


class DeliveryLine(Shown):
    """`code` is "ok", "http_500", "timed_out" and the like, of the last try."""

    id: int
    event_id: int | None
    message_id: str
    type: str
    state: State
    attempts: int
    due_at: datetime
    created_at: datetime
    ended_at: datetime | None
    status: int | None
    code: str | None


class DeliveryPage(Page):
    items: list[DeliveryLine]


class AttemptShown(Shown):
    """`answer` is the beginning of what came back, or why nothing did."""

    at: datetime
    milliseconds: int
    status: int | None
    code: str
    answer: str


class DeliveryShown(DeliveryLine):
    """`body` is the beginning of what is sent."""

    webhook: int
    body: str
    body_cut: bool
    tries: list[AttemptShown]


class Replay(Given):
    """Either `deliveries`, or all that came `since` then and ended in one of `states`. `missed`:
    instead, the events since then for which there is no delivery at all."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": "2026-03-02T00:00:00Z", "states": ["failed"]}]}
    )

    deliveries: Annotated[list[_Id] | None, Field(max_length=1_000)] = None
    since: Moment | None = None
    states: Annotated[list[Literal["delivered", "failed"]], Field(max_length=2)] = ["failed"]
    missed: bool = False


class Replayed(Shown):
    """How many go again; at most 10,000 of one request, so ask once more when it is that many."""

    count: int
