"""One entry of the catalogue: a field that rules may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.rules.provenance import Change, Origin
from engine.rules.types import Label, Type

RecordKind = Literal["contact", "account", "deal", "ticket", "order", "event", "message", "change"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a record. `name` is its path inside the record, such as "custom.plan".

    A closed set of `values` is checked when a rule is saved. `folded` texts are kept and compared
    without regard to case and width. `dynamic` values are stored as JSON and count as absent unless
    of `type`.

    `origin` says where the value comes from and `change` what makes it another one. `follows` are
    the kinds of records of the contact whose change changes this fact. `written` is an expression
    of the rule language that the fact stands for; such a fact is stored nowhere. `in_base` marks
    money that is also kept in the base currency.
    """

    name: str
    type: Type
    label: Label
    values: tuple[str, ...] = ()
    folded: bool = False
    dynamic: bool = False
    origin: Origin = Origin.WRITTEN
    change: Change = Change.WRITTEN
    follows: tuple[RecordKind, ...] = ()
    written: object = field(default=None, hash=False)
    in_base: bool = False

    @property
    def is_derived(self) -> bool:
        """Whether the value is worked out from other records."""
        return self.written is not None or bool(self.follows)
