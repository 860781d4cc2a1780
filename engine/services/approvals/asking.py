"""What is asked of approvers, and how it ends: the words every door and caller shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from babel.numbers import get_currency_precision

from engine.services.ended import Ended as Ended
from engine.services.ended import EndState as EndState
from engine.steps.words import Words

NOTHING: Final = Words("", "")


class Amount(NamedTuple):
    """Money as everywhere: `minor` units of `currency`, and `base_minor` in the base currency where
    it is known."""

    minor: int
    currency: str
    base_minor: int | None = None

    def shown(self) -> str:
        """ "1,250.00 EUR": the same in both languages."""
        digits = get_currency_precision(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):,.{digits}f} {self.currency}"


@dataclass(frozen=True, slots=True)
class InlineChain:
    """A chain that has no name: `document` is what a chain's file says, without its first key."""

    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody shall approve.

    `subject_kind` names who is told the end (`engine.services.endings`): "run", "deal_move",
    "publish" ...; `subject_id` and `details` are theirs and come back in `Ended`. `record` is the
    record it is about: it is locked but for `editable_fields` as long as the request is open, and
    `contact_id` is whom it concerns, so that it goes when the contact is erased. `key` makes it
    unique: asking again under the same key gives the request that is there. `owner_id` is the
    record's owner, for approvers such as `manager_of: {of: owner}`. `amount` None goes by the
    highest band. `facts` are what rules of the chain read and approvers are shown. Whatever
    becomes of the levels, it ends as timed out at the `deadline`.
    """

    chain: str | InlineChain
    subject_kind: str
    subject_id: int
    requester_id: int | None
    title: Words
    body: Words = NOTHING
    amount: Amount | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    editable_fields: tuple[str, ...] = ()
    record: tuple[str, int] | None = None
    contact_id: int | None = None
    owner_id: int | None = None
    deadline: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditLock:
    """A record waits for request `request_id`: only `editable` of its fields may be changed."""

    request_id: int
    editable: frozenset[str] = frozenset()
