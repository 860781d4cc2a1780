"""What a step may ask of our own records, where only they can tell how it ends.

A question is answered, together with what it changes, in the transaction that moves the run: many
runs' questions at once, and exactly once, so it needs no claim as an ask of the world does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Way = Literal["user", "round_robin", "least_open", "account_owner", "rules"]


@dataclass(frozen=True, slots=True)
class AssignOwner:
    """Give the contact, or its newest open deal, an owner. `who` is the e-mail address of a user or
    the name of a team or of assignment rules, by `way`; None for the owner of the contact's
    account. With `keep` whoever has an active owner keeps it.
    """

    of: Literal["contact", "deal"]
    way: Way
    who: str | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class MoveDeal:
    """Put one open deal of the contact on a stage of its pipeline, both named by their keys."""

    stage: str
    pipeline: str | None = None
    which: Literal["newest", "biggest"] = "newest"
    lost_reason: str | None = None


@dataclass(frozen=True, slots=True)
class MakeDeal:
    """A new deal of the contact. The stage is the first open one where it is not named; `owner` is
    "owner" or a user's e-mail address. Amounts are in minor units.
    """

    name: str
    pipeline: str | None = None
    stage: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    expected_close_on: str | None = None
    owner: str = "owner"


@dataclass(frozen=True, slots=True)
class EnterFlow:
    """Let the contact into another flow, by that flow's own entry policy."""

    flow: str


Question: TypeAlias = AssignOwner | MoveDeal | MakeDeal | EnterFlow


def writes_deals(question: Question) -> bool:
    """Whether the answer may change deals."""
    return isinstance(question, MakeDeal | MoveDeal) or (
        isinstance(question, AssignOwner) and question.of == "deal"
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: the exit to leave by, and what was decided on which grounds, for the journal;
    `deal_made` is the number of the deal that was made with it.
    """

    exit: str
    why: Mapping[str, Any] = field(default_factory=dict)
    deal_made: int | None = None
