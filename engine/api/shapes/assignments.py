"""Giving records to people, what waits for somebody, and handing work over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, Shown
from engine.assignment.handing_over import Handed, Way
from engine.services.handover import LONGEST_NOTE

NAME = r"^[a-z][a-z0-9_]{0,62}$"
MOST_IDS = 200
_HIGHEST = 2**53
Record = Literal["contact", "deal", "ticket"]
Id = Annotated[int, Field(ge=1, le=_HIGHEST)]
_SHARES: dict[str, Any] = {
    "contact": {"way": "territory", "to": ["team:Sales"]},
    "deal": {"way": "with_contact", "to": ["team:Sales"]},
    "task": {"to": ["cleo@example.com"]},
}


class RecordsGiven(Given):
    """Records of one kind, given out one after the other in the order of their ids."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "contact", "ids": [1]}]})

    kind: Record
    ids: list[Id] = Field(min_length=1, max_length=MOST_IDS)


class PassedOver(Shown):
    """`why` is inactive, absent, full (the day's capacity), territory or skill."""

    user_id: int
    why: str


class Tried(Shown):
    """A rule that held, and who of its people could not take the record."""

    rule: str
    by: str
    team: str | None = None
    territory: str | None = None
    skill: str | None = None
    passed: list[PassedOver] = []


class AssignedShown(Shown):
    """`user_id` is null where nobody can take the record: then it waits in the queue. `kept` has
    the owner it had. The last of `tried` decided; without any, no rule held.
    """

    id: int
    user_id: int | None
    kept: bool
    tried: list[Tried]


class AssignedList(Shown):
    """Records that do not exist are left out."""

    items: list[AssignedShown]


class WaitingShown(Shown):
    """`team` is the one that should have taken it; `look_again_at` is when it is tried next."""

    id: int
    kind: str
    record_id: int
    rules: str
    team: str | None
    tried: list[Tried]
    tries: int
    queued_at: datetime
    look_again_at: datetime


class WaitingPage(Page):
    items: list[WaitingShown]


class HandoverAsked(Given):
    """Whose work, and by kind (contact, deal, ticket, task, approval, case) who takes it and how.
    `way` is one, evenly, load, territory or with_contact; `to` has addresses and "team:<name>".
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"from_id": 1, "shares": _SHARES}]})

    from_id: Id
    shares: dict[str, Any]


class HandoverGiven(HandoverAsked):
    """On the morning of `return_on`, where the person lives, what the takers still have is given
    back.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from_id": 1, "shares": _SHARES, "return_on": "2026-09-01"}]
        }
    )

    return_on: date | None = None
    note: str | None = Field(None, max_length=LONGEST_NOTE)


class SampleShown(Shown):
    id: int
    label: str
    to_id: int


class TakerShown(Shown):
    user_id: int
    count: int


class KindShown(Shown):
    """What would change hands of one kind, and who would get how much."""

    kind: Handed
    way: Way
    count: int
    takers: list[TakerShown]
    samples: list[SampleShown]


class HandoverPreview(Shown):
    """`following_runs` are runs of the person's contacts, which follow their contacts by
    themselves; `absent` are takers who are away now.
    """

    from_id: int
    kinds: list[KindShown]
    following_runs: int
    absent: list[int]


class GivenShown(Shown):
    kind: Handed
    takers: list[TakerShown]


class BackShown(Shown):
    """How many came, or would come, back, and how many stay because they are closed, were passed on
    or are gone."""

    kind: Handed
    returned: int = 0
    closed: int = 0
    passed_on: int = 0
    gone: int = 0


class HandoverShown(Shown):
    """`state` is running, done, returning, returned or cancelled; `given` and `returned` say how
    far it is."""

    id: int
    from_id: int
    state: str
    given: list[GivenShown]
    returned: list[BackShown]
    note: str | None
    return_at: datetime | None
    created_by: int | None
    created_at: datetime
    ended_at: datetime | None


class HandoverPage(Page):
    items: list[HandoverShown]


class ReturnPreview(Shown):
    handover_id: int
    kinds: list[BackShown]
