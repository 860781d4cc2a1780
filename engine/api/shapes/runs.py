"""Runs: where people stand, and mending those that are held."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from engine.api.shapes.common import Given, Id, Page, Shown

_NAME: Final = r"^[a-z][a-z0-9_]{0,62}$"
State = Literal["active", "held", "ended"]
MOST_RUNS: Final = 100


class RunLine(Shown):
    """`outcome` is how it ended, or why it is held."""

    id: int
    flow: str
    flow_label: str
    version: int
    contact_id: int
    contact: str
    email: str | None
    state: str
    node: str
    outcome: str | None
    due_at: datetime | None
    listens: list[str]
    entered_at: datetime
    moved_at: datetime


class RunPage(Page):
    items: list[RunLine]


class SentShown(Shown):
    id: int
    node: str
    visit: int
    address: str | None
    subject: str | None
    state: str
    reason: str | None
    handed_over_at: datetime
    answered_at: datetime | None


class RunShown(Shown):
    """With its whole journal in order; entries depend on `what`."""

    id: int
    flow: str
    version: int
    contact_id: int
    contact: str
    state: str
    node: str
    visit: int
    outcome: str | None
    due_at: datetime | None
    listens: list[str]
    entered_at: datetime
    moved_at: datetime
    ended_at: datetime | None
    journal: list[dict[str, Any]]
    messages: list[SentShown]


class HeldShown(Shown):
    flow: str
    flow_label: str
    node: str
    code: str | None
    runs: int


class HeldList(Shown):
    items: list[HeldShown]


class Deed(Given):
    """`retry` asks the step again, `skip` leaves by `exit`, `go_to` begins at `node`, `stop` ends
    the run."""

    do: Literal["retry", "skip", "go_to", "stop"]
    exit: Annotated[str, Field(max_length=80)] | None = None
    node: Annotated[str, Field(pattern=_NAME)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Deed:
        if (self.do == "skip") != (self.exit is not None):
            raise ValueError("skip names an exit, nothing else does")
        if (self.do == "go_to") != (self.node is not None):
            raise ValueError("go_to names a node, nothing else does")
        return self


class MendGiven(Given):
    """Each of these runs of a flow, which are `state` now."""

    flow: Annotated[str, Field(pattern=_NAME)]
    run_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_RUNS)]
    state: Literal["held", "active"] = "held"
    deed: Deed


class MendManyGiven(Given):
    """All runs of a flow that are `state`, on a node, held for a reason; as a job."""

    flow: Annotated[str, Field(pattern=_NAME)]
    state: Literal["held", "active"] = "held"
    node: Annotated[str, Field(pattern=_NAME)] | None = None
    code: Annotated[str, Field(max_length=80)] | None = None
    deed: Deed


class MendOutcome(Shown):
    """`refused` is for a run that cannot be mended like this, `unchanged` for one that is not (any
    more) as was said."""

    run_id: int
    outcome: Literal["done", "refused", "unchanged"]
    message: str | None = None


class MendedShown(Shown):
    items: list[MendOutcome]
