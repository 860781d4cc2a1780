"""Segments: saved rules and static lists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from engine.api.shapes.common import Given, Page, Shown
from engine.api.shapes.rules import RULE

NAME = r"^[a-z][a-z0-9_]{0,62}$"


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("write one line without control characters")
    return text


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Called = Annotated[str, Field(min_length=1, max_length=320), AfterValidator(_one_line)]
ContactId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class SegmentGiven(Given):
    """A segment by rule has a `rule`; a static list has none, and `fill` puts everybody on it who
    fulfils that rule just now.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "silent_in_sg", "label": "Silent in Singapore", "rule": RULE}]
        }
    )

    name: str = Field(pattern=NAME, description="Rules and flows name it so; it never changes.")
    label: Line
    label_zh: Line | None = None
    kind: Literal["rule", "static"] = "rule"
    rule: Any = None
    fill: Any = None


class SegmentChange(Given):
    """Members that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "Quiet in Singapore"}]})

    label: Line | None = None
    label_zh: Line | None = None
    rule: Any = None

    @model_validator(mode="after")
    def _says_something(self) -> SegmentChange:
        if self.label is None and self.label_zh is None and self.rule is None:
            raise ValueError("say what is to be changed: label, label_zh or rule")
        return self


class MembersGiven(Given):
    """Contacts by address, by another system's id, or by number; 10,000 at most."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"emails": ["ada@example.com"]}]})

    emails: list[Called] = Field([], max_length=10_000)
    external_ids: list[Called] = Field([], max_length=10_000)
    contact_ids: list[ContactId] = Field([], max_length=10_000)


class SegmentLine(Shown):
    """`size` is null until the members are complete for the first time."""

    name: str
    label: str
    label_zh: str | None
    kind: str
    state: str
    size: int | None
    counted_at: datetime | None


class SegmentPage(Page):
    items: list[SegmentLine]


class Users(Shown):
    """Who names the segment in a rule. Flows that the key may not read are only counted."""

    segments: list[str]
    flows: list[str]
    unnamed_flows: int


class SegmentShown(SegmentLine):
    rule: Any
    used_by: Users
    created_at: datetime
    updated_at: datetime


class Member(Shown):
    contact_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    entered_at: datetime


class MemberPage(Page):
    items: list[Member]


class Listed(Shown):
    """`moved` came or went, `unchanged` were so already, `unknown` is nobody we know."""

    moved: int
    unchanged: int
    unknown: list[str]


class Day(Shown):
    """`members` is the size when the day was over, or now for today."""

    day: date
    members: int
    entered: int
    left: int


class Days(Shown):
    days: list[Day]


class OverlapShown(Shown):
    only_first: int
    both: int
    only_second: int


class Recount(Shown):
    """How many segments will be counted anew."""

    asked: int
