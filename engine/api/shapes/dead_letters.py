"""What was sent and could not be taken."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, ProblemItem, Shown

State = Literal["waiting", "replayed", "dropped"]
_Word = Annotated[str | None, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
_EXAMPLE: dict[str, Any] = {"source": "hook:billing", "code": "no_identity"}


class LetterLine(Shown):
    """`door` says what it is: a call of a client, an event (CloudEvents), a document of a webhook,
    or a body that could not be taken apart. `seen`: how often it came."""

    id: int
    source: str
    door: str
    code: str
    message: str
    problems: list[ProblemItem]
    cut: bool
    seen: int
    received_at: datetime
    last_seen_at: datetime
    state: State
    settled_at: datetime | None
    settled_by: str | None


class LetterPage(Page):
    items: list[LetterLine]


class LetterShown(LetterLine):
    """`body` is what was sent, set out in lines where it is JSON; `cut`: only its beginning."""

    body: str


class LetterCountShown(Shown):
    source: str
    code: str
    count: int


class LetterCounts(Shown):
    """What waits, by source and reason, the most first."""

    items: list[LetterCountShown]


class Mended(Given):
    """`body` is the text to read instead of what was sent; without it that is read again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"body": '{"type": "Paid", "email": "ada@example.com"}'}]}
    )

    body: Annotated[str | None, Field(max_length=262_144)] = None


class Taken(Shown):
    """`taken` is 1: it is an event now, or was one already."""

    taken: int


class Which(Given):
    """All that wait of a source and for a reason; of every one that is left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    source: _Word = None
    code: _Word = None


class Dropped(Shown):
    dropped: int
