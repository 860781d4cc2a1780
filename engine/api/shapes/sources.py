"""Systems that report what happened, and how their documents are read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, ProblemItem, Shown, ShownOnce

NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
Signature = Literal[
    "standard", "github", "shopify", "stripe", "slack", "hmac_hex", "hmac_base64", "token"
]
_Secret = Annotated[str | None, Field(max_length=512)]
MAPPING: dict[str, Any] = {
    "event": {"path": "type"},
    "contact": {"email": {"path": "data.customer.email", "as": "lower"}},
    "fields": {"country": {"path": "data.customer.country"}},
    "properties": {"total": {"path": "data.total", "as": "money_major", "detail": "EUR"}},
}
SAMPLE: dict[str, Any] = {
    "type": "Invoice Paid",
    "data": {"customer": {"email": "ada@example.com", "country": "SG"}, "total": "29.90"},
}


class SourceGiven(Given):
    """`mapping` says what documents mean. `signature_header` names the header of those that have
    one of their own: hmac_hex, hmac_base64, token. `secret` is theirs; without it one is made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "billing", "mapping": MAPPING}]}
    )

    name: str = Field(pattern=NAME)
    mapping: dict[str, Any]
    signature: Signature = "standard"
    signature_header: Annotated[str | None, Field(max_length=100)] = None
    secret: _Secret = None


class MappingGiven(Given):
    model_config = ConfigDict(json_schema_extra={"examples": [{"mapping": MAPPING}]})

    mapping: dict[str, Any]


class SourceRotation(Given):
    """`overlap_hours` is how long the present secret is accepted still; 0: not any more."""

    overlap_hours: Annotated[int, Field(ge=0, le=720)] = 24
    secret: _Secret = None


class SourceShown(Shown):
    """`address` is where it reports to. Until `previous_until` two secrets are accepted."""

    name: str
    address: str
    signature: Signature
    signature_header: str | None
    active: bool
    mapping: dict[str, Any]
    created_at: datetime
    last_used_at: datetime | None
    previous_until: datetime | None


class SourcePage(Page):
    items: list[SourceShown]


class SourceSecret(ShownOnce):
    """`secret` is shown this once."""

    name: str
    address: str
    secret: str


class Trying(Given):
    """A document as the other system sends it, read by a mapping; nothing is written."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"mapping": MAPPING, "sample": SAMPLE}]}
    )

    mapping: dict[str, Any]
    sample: Any


class TriedShown(Shown):
    """`event` null: it would be refused, and `problems` say why; otherwise they are about parts
    that would be left out. `contact` are the names it goes by, `contact_id` whoever has one of
    them today; `fields` are what would be written where it is not known yet or differs."""

    event: str | None
    occurred_at: datetime | None
    contact: dict[str, str]
    contact_id: int | None
    fields: dict[str, Any]
    properties: dict[str, Any]
    problems: list[ProblemItem]


class TriedMapping(Shown):
    """The first ten of `count` documents."""

    count: int
    documents: list[TriedShown]
