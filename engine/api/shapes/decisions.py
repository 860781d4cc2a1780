"""Decision tables, scoring models, calendars, saved views, fields of one's own, and sources."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from engine.api.shapes.common import Given, Id, Page, ProblemItem, ShortText, Shown

NAME: Final = r"^[a-z][a-z0-9_]{0,62}$"
_TABLE: Final[dict[str, Any]] = {
    "table": "tiers",
    "label": "Tiers",
    "hit": "first",
    "subject": "contact",
    "reads_event": False,
    "columns": ["contact.country"],
    "outputs": [{"name": "tier", "type": "text"}],
    "rows": [{"when": ["SG"], "then": ["gold"], "score": None, "note": ""}],
}
_MODEL: Final[dict[str, Any]] = {
    "score": "interest",
    "label": "Interest",
    "rules": [
        {
            "key": "here",
            "label": "In Singapore",
            "points": 10,
            "when": {"==": [{"var": "contact.country"}, "SG"]},
        }
    ],
}
Document = Annotated[dict[str, Any], Field(max_length=100)]


class TableGiven(Given):
    document: Annotated[Document, Field(examples=[_TABLE])]


class ModelGiven(Given):
    """`default` makes its total the contact's score."""

    document: Annotated[Document, Field(examples=[_MODEL])]
    default: bool = False


class Checked(Shown):
    ok: bool
    problems: list[ProblemItem]


class TableLine(Shown):
    name: str
    label: str
    revision: int
    updated_at: datetime


class TablePage(Page):
    items: list[TableLine]


class TableShown(TableLine):
    document: dict[str, Any]


class AskedGiven(Given):
    contact_id: Id


class TableAnswer(Shown):
    """`hits` are the rows that give the answer, from 1; `why` a sentence for each, by language."""

    outputs: dict[str, Any] | None
    hits: list[int]
    why: list[dict[str, str]]


class ModelLine(Shown):
    name: str
    label: str
    is_default: bool
    revision: int
    updated_at: datetime


class ModelPage(Page):
    items: list[ModelLine]


class ModelShown(ModelLine):
    """`bands` says how many contacts stand in each; "" is below all of them."""

    document: dict[str, Any]
    bands: dict[str, int]


class ScoreAnswer(Shown):
    model: str
    total: int
    band: str | None


class CalendarGiven(Given):
    """`hours` by weekday, such as {"mon": [["09:00", "17:00"]]}; `zone` null is where the
    contact lives."""

    hours: Annotated[dict[str, Any], Field(max_length=20, examples=[{"mon": [["09:00", "17:00"]]}])]
    label: ShortText | None = None
    zone: ShortText | None = None
    country: ShortText | None = None
    subdivision: ShortText | None = None
    exceptions: Annotated[dict[str, Any], Field(max_length=2_000)] = Field(default_factory=dict)
    is_default: bool = False


class CalendarShown(Shown):
    name: str
    label: str
    zone: str | None
    country: str | None
    subdivision: str | None
    hours: dict[str, Any]
    exceptions: dict[str, Any]
    is_default: bool


class CalendarList(Shown):
    items: list[CalendarShown]


RecordName = Literal["contact", "account", "ticket"]
_View = Annotated[
    dict[str, Any],
    Field(max_length=10, examples=[{"conditions": [["country", "any", ["SG"]]]}]),
]


class ViewGiven(Given):
    record: RecordName
    name: Annotated[ShortText, Field(min_length=1, examples=["Singapore"])]
    document: _View
    shared: bool = False


class ViewChange(Given):
    """What is left out stays as it is."""

    name: Annotated[ShortText, Field(min_length=1)] | None = None
    document: _View | None = None
    shared: bool | None = None


class ViewShown(Shown):
    """`mine` says that the reader made it, `changeable` that they may change it."""

    id: int
    record: str
    name: str
    owner: str
    shared: bool
    mine: bool
    changeable: bool
    document: dict[str, Any]
    revision: int


class ViewList(Shown):
    items: list[ViewShown]


class FieldShown(Shown):
    """`values` is the closed list of a text or a set; empty means any. A retired field is offered
    nowhere."""

    record: str
    key: str
    type: str
    label: str
    label_zh: str | None
    values: list[str]
    retired: bool


class FieldList(Shown):
    items: list[FieldShown]


class WriteKeyShown(Shown):
    source: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class WriteKeyList(Shown):
    items: list[WriteKeyShown]
