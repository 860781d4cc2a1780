"""Flows, their drafts and versions, and who enters them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from engine.api.shapes.common import Given, Page, ProblemItem, Shown

LONGEST_SOURCE: Final = 500_000
_SOURCE: Final = """\
flow: hello
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
steps:
  settle: {do: wait, for: P1D, next: done}
  done: {do: exit}
"""
Source = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_SOURCE,
        examples=[_SOURCE],
        description="The flow as a YAML or JSON text.",
    ),
]


class SourceGiven(Given):
    source: Source


class PublishGiven(Given):
    """Without `version` the draft that If-Match names is published, with it that version again."""

    version: Annotated[int, Field(ge=1, le=2**31)] | None = None


class NumbersShown(Shown):
    """`here` stand on a node now, held ones apart. `maybe_sent` are not among the `sent`."""

    entered: int
    here: int
    held: int
    finished: int
    sent: int
    maybe_sent: int
    not_sent: int


class FlowLine(Shown):
    """`state`: draft, active, paused or retired. `version` is null while it was never published."""

    name: str
    label: str
    purpose: str
    state: str
    version: int | None
    published_at: datetime | None
    updated_at: datetime
    has_newer_draft: bool
    numbers: NumbersShown


class FlowPage(Page):
    items: list[FlowLine]


class VersionLine(Shown):
    number: int
    published_at: datetime
    published_by: str | None
    is_current: bool
    here: int


class FlowShown(Shown):
    name: str
    label: str
    purpose: str
    state: str
    version: int | None
    draft_revision: int
    has_newer_draft: bool
    draft: str
    versions: list[VersionLine]


class VersionShown(Shown):
    """`number` null is the draft."""

    name: str
    number: int | None
    source: str


class FlowChecked(Shown):
    """`ok` says that it could be published as far as the text goes."""

    ok: bool
    name: str | None
    problems: list[ProblemItem]
    warnings: list[ProblemItem]


class DraftSaved(Shown):
    """`problems` do not keep a draft from being kept, and do keep it from being published."""

    name: str
    revision: int
    problems: list[ProblemItem]
    warnings: list[ProblemItem]


class PublishedShown(Shown):
    name: str
    version: int
    unchanged: bool
    enrolment_id: int | None


class DifferenceShown(Shown):
    """`before` or `after` null: it was not there."""

    path: str
    before: Any
    after: Any


class NodeDiffShown(Shown):
    """`fate`: changed, moved (another name, the same content), added or removed."""

    node: str
    was: str | None
    kind: str
    fate: str
    settings: list[DifferenceShown]
    exits: list[DifferenceShown]


class DiffShown(Shown):
    about: list[DifferenceShown]
    nodes: list[NodeDiffShown]
    renames: dict[str, str]
    is_empty: bool


class AffectedShown(Shown):
    """People inside now, who keep the version they have."""

    version: int
    node: str
    state: str
    people: int


class PlanShown(Shown):
    """What publishing would do. `audience` is whom the trigger finds now, null where only events
    or people tell; `enters_at_once` that they enter with the publication."""

    name: str
    ok: bool
    published: int | None
    becomes: int
    is_unchanged: bool
    diff: DiffShown | None
    problems: list[ProblemItem]
    warnings: list[ProblemItem]
    inside: list[AffectedShown]
    audience: int | None
    not_counted: str | None
    enters_at_once: bool


class NodeShown(Shown):
    entered: int
    here: int
    held: int
    left: dict[str, int]


class CountsShown(Shown):
    """`paused` are the paused nodes, with how many fell due on each and wait."""

    state: str
    numbers: NumbersShown
    nodes: dict[str, NodeShown]
    paused: dict[str, int]


class FlowStateShown(Shown):
    name: str
    state: str


class NodePauseShown(Shown):
    flow: str
    node: str
    paused: bool
    changed: bool
    waiting: int


class EnrolmentGiven(Given):
    """Who is to enter: a rule, `true` for everybody, or left out for the flow's own audience.
    `{"in": [{"var": "contact.id"}, [7, 9]]}` are these contacts."""

    rule: Any = None
    per_minute: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class EnrolmentShown(Shown):
    id: int
    flow: str
    state: str
    looked_at: int
    entered: int
    refused: int
    total: int | None
    per_minute: int | None
    left_seconds: int | None
    asked_by: str | None
    created_at: datetime
    ended_at: datetime | None


class EnrolmentList(Shown):
    items: list[EnrolmentShown]


class EnrolmentDeed(Given):
    do: Literal["pause", "resume", "cancel"]


class ProposalGiven(Given):
    from_version: Annotated[int, Field(ge=1, le=2**31)]
    to_version: Annotated[int, Field(ge=1, le=2**31)]


class ProposalLine(Shown):
    """`answer`: stay, leave, exit, restart or {"to": node}."""

    node: str
    answer: Any
    why: str
    people: int


class ProposalShown(Shown):
    """`plan` is the text to be edited and sent to preview and start."""

    plan: str
    nodes: list[ProposalLine]


class MovePlanGiven(Given):
    plan: Annotated[str, Field(min_length=1, max_length=LONGEST_SOURCE)]
    percent: Annotated[int, Field(ge=1, le=100)] = 100


class PreviewLine(Shown):
    node: str
    answer: Any
    target: str | None
    fit: str | None
    people: int
    moving: int
    asking: int
    held: int


class PreviewShown(Shown):
    moving: int
    nodes: list[PreviewLine]
    problems: list[ProblemItem]


class MoveStarted(Shown):
    id: int
    warnings: list[ProblemItem]


class MoveDeed(Given):
    """`percent` is for `stage`: more of the people take part."""

    do: Literal["stage", "pause", "resume", "cancel", "undo"]
    percent: Annotated[int, Field(ge=1, le=100)] | None = None


class MoveShown(Shown):
    id: int
    from_version: int
    to_version: int
    percent: int
    state: str
    created_at: datetime
    ended_at: datetime | None
    moved: int
    waiting: int
    returned: int
    moved_on: int


class MoveList(Shown):
    items: list[MoveShown]


class WinnerGiven(Given):
    arm: Annotated[str, Field(min_length=1, max_length=80, examples=["a"])]
