"""Shapes that several operations share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

# Further away a calendar may run out of years.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

# Members that nobody knows are named one by one up to here.
MOST_UNKNOWN: Final = 50

Id = Annotated[int, Field(ge=1, le=2**53)]
Text = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")]
ShortText = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Moment = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST)]


class Given(BaseModel):
    """What a client sends: a member that nobody reads is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _not_far_too_many(cls, given: Any) -> Any:
        """Each unknown member is a mistake of its own, and tens of thousands take seconds."""
        if isinstance(given, dict) and len(given) > len(cls.model_fields) + MOST_UNKNOWN:
            raise PydanticCustomError(
                "too_many_members",
                "It has {count} members; only {known} are known.",
                {"count": len(given), "known": len(cls.model_fields)},
            )
        return given


class Shown(BaseModel):
    """What a client gets. Members may be added later; none is taken away."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class ShownOnce(Shown):
    """With a secret in it: whoever sends the request again with its Idempotency-Key gets it again,
    and until then it is kept sealed."""


class Words(Shown):
    """A text for people, in both languages of the product."""

    en: str
    zh: str


class ProblemItem(Shown):
    """One mistake. `pointer` leads into the body that was sent; other places are in `place` only,
    such as "?limit" for a query parameter or the name of a header.
    """

    place: str
    code: str
    message: str
    pointer: str | None = None


class ProblemDocument(Shown):
    """Why a request was refused (RFC 9457). Programs go by `status` and `code`, which stay;
    `detail` and `advice` are for people.
    """

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    title: str
    status: int
    code: str
    detail: str
    message: str
    advice: str | None = None
    problems: list[ProblemItem] | None = None


class ItemOutcome(Shown):
    """What became of one item of many: `index` is its place in what was sent, `id` the record."""

    index: int
    outcome: Literal["done", "refused"]
    id: int | None = None
    code: str | None = None
    message: str | None = None
    problems: list[ProblemItem] | None = None


class Outcomes(Shown):
    """In the order of what was sent."""

    items: list[ItemOutcome]


class Page(Shown):
    """`next` is the cursor of the page that follows; null on the last one."""

    next: str | None = None


Json = Any
