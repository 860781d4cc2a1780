"""Definitions: pipelines, approval chains, escalation policies, assignment rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, ProblemItem, Shown
from engine.flows.written import MAX_BYTES

_SOURCE = (
    "escalation_policy: unanswered\nlabel: Nobody answered\nlevels:\n"
    "  - {to: owner, after: 4h}\n  - {to: manager, after: 1d}\n"
)
LONGEST_NOTE = 500


class SourceGiven(Given):
    """The text of a definition, YAML or JSON; one of its keys says kind and name, such as
    `pipeline: b2b`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"source": _SOURCE}]})

    source: str = Field(max_length=MAX_BYTES)


class PublishGiven(SourceGiven):
    """`note` says why, for the list of versions."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"source": _SOURCE, "note": "Answer sooner"}]}
    )

    note: str | None = Field(None, max_length=LONGEST_NOTE)


class DefinitionLine(Shown):
    """`state` is "active" or "retired"; `number` is the version in force."""

    kind: str
    name: str
    label: str
    state: str
    number: int
    versions: int
    published_at: datetime
    published_by: str | None


class DefinitionList(Shown):
    items: list[DefinitionLine]


class VersionShown(Shown):
    number: int
    hash: str
    label: str
    note: str | None
    published_at: datetime
    published_by: str | None
    is_current: bool


class DefinitionShown(Shown):
    """`source` is the text as it was published, `document` what it says."""

    kind: str
    name: str
    label: str
    number: int
    source: str
    document: dict[str, Any]
    versions: list[VersionShown]


class SourceShown(Shown):
    number: int
    source: str


class DefinitionChecked(Shown):
    """`place` of a problem is "definition.yaml:line:column". `kind` and `name` are null where the
    text does not say them. `warnings` do not keep it from being published.
    """

    ok: bool
    kind: str | None
    name: str | None
    problems: list[ProblemItem]
    warnings: list[ProblemItem]


class PublishedShown(Shown):
    """`changed` is false when this very definition was in force already."""

    kind: str
    name: str
    number: int
    hash: str
    changed: bool
