"""What contacts want: topics, consent, how often."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from crm_store.models import LawfulBasis
from engine.api.shapes.common import Given, Shown

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Source = Annotated[
    str, Field(min_length=1, max_length=100, description="Where it was said, such as sign_up_form.")
]
Often = Literal["every", "daily", "weekly"]
Label = Annotated[str, Field(min_length=1, max_length=80)]
Help = Annotated[str, Field(max_length=300)]


class TopicGiven(Given):
    label: Label
    label_zh: Label | None = None
    help: Help | None = None
    help_zh: Help | None = None
    purpose: Literal["marketing", "service"] = "marketing"
    medium: Literal["email", "sms", "chat"] | None = Field(
        None, description="The one way it comes by; none for every way."
    )
    default_on: bool = Field(True, description="Whether it is on for those who never chose.")
    frequencies: list[Often] = Field(
        default_factory=list, max_length=3, description="What people may choose; none for all."
    )
    position: int = Field(0, ge=0, le=10_000, description="Lower ones come first on the page.")


class TopicShown(Shown):
    slug: str
    label: str
    label_zh: str | None
    help: str | None
    help_zh: str | None
    purpose: str
    medium: str | None
    default_on: bool
    frequencies: list[str]
    position: int


class TopicList(Shown):
    items: list[TopicShown]


class ConsentShown(Shown):
    channel: str
    purpose: str
    granted: bool
    lawful_basis: str
    source: str
    recorded_at: datetime
    evidence: dict[str, Any] | None


class SuppressionShown(Shown):
    channel: str
    reason: str


class RequestShown(Shown):
    """A request for messages that waits to be confirmed."""

    id: int
    channel: str
    purpose: str
    topics: list[str]
    source: str
    asked_at: datetime
    expires_at: datetime


class WishesShown(Shown):
    """`topics` says of each topic whether they hear of it; `chosen` are those they chose about."""

    contact: int
    consents: list[ConsentShown]
    topics: dict[str, bool]
    chosen: dict[str, bool]
    frequency: str
    unmeasured: bool
    suppressed: list[SuppressionShown]
    requests: list[RequestShown]


class ChoiceGiven(Given):
    """What is left out stays as it is."""

    topics: dict[Slug, bool] = Field(default_factory=dict, max_length=100)
    frequency: Often | None = None
    unmeasured: bool | None = Field(None, description="true: opens and clicks are not looked at.")
    source: Source = "api"


class ConsentGiven(Given):
    channel: Literal["email", "sms", "chat", "webhook"] = "email"
    purpose: Slug = "marketing"
    granted: bool
    lawful_basis: LawfulBasis = LawfulBasis.CONSENT
    source: Source
    all_mail: bool = Field(
        False,
        description="With granted=false: nothing at all any more by any channel, service messages "
        "included.",
    )


class SubscriptionGiven(Given):
    """A request for messages that the contact has to confirm from their address."""

    channel: Literal["email"] = "email"
    purpose: Slug = "marketing"
    topics: list[Slug] = Field(default_factory=list, max_length=50)
    source: Source
    text_version: str | None = Field(
        None, max_length=100, description="Which words they agreed to, for the evidence."
    )


class SubscriptionShown(Shown):
    """`standing`: `asked` (the letter is on its way), `waiting` (it was sent within a day) or
    `agreed` (they had said yes already)."""

    standing: str
    request: int | None
