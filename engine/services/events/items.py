"""What one item of a batch says, after it was read and before the database was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, get_args

ItemKind = Literal["track", "identify", "page", "screen", "group", "alias"]
KINDS: Final[frozenset[str]] = frozenset(get_args(ItemKind))
# What came by a webhook or a form is no call of a client: only its own door says so.
EventKind = ItemKind | Literal["hook", "form"]
# Calls whose traits are fields of the contact.
TELLS_FIELDS: Final[frozenset[str]] = frozenset({"identify", "hook", "form"})

# What the event of a call without a name of its own is called.
EVENT_NAMES: Final[Mapping[ItemKind, str]] = {
    "identify": "Contact Identified",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Account Joined",
    "alias": "Alias Recorded",
}


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One call of a client. `index` is its place in the batch; `properties` go into the event.

    `source` is whom the write key stands for. Two items are the same only when they are one object.

    `address` is an e-mail address that names the contact. When `address_is_user_id`, it was only
    guessed from the user id and counts while that id is unknown.

    `hints` fill what is not known of the contact and change nothing else; when `gently`, `traits`
    do no more than that either.
    """

    source: str
    index: int
    kind: EventKind
    message_id: str
    name: str
    occurred_at: datetime
    user_id: str | None = None
    anonymous_id: str | None = None
    address: str | None = None
    address_is_user_id: bool = False
    previous_id: str | None = None
    group_id: str | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    gently: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Why an item was refused, or which part of an accepted one was left out."""

    index: int
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"index": self.index, "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brought."""

    items: tuple[Item, ...]
    refused: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a batch; `partitions` are to be poked now that it is committed.

    `to_merge` are contacts that alias calls say are one, by the place of the call: who stays, and
    who goes.
    """

    recorded: int
    duplicates: int
    partitions: frozenset[int]
    noted: tuple[Remark, ...] = ()
    to_merge: tuple[tuple[int, int, int], ...] = ()
