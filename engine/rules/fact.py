"""One entry of the catalogue: a field that rules may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.rules.types import Label, Type

RecordKind = Literal["contact", "account", "deal", "ticket", "order", "event"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a record. `name` is its path inside the record, such as "custom.plan".

    A closed set of `values` is checked when a rule is saved. `folded` texts are kept and compared
    without regard to case and width. `dynamic` values are stored as JSON and count as absent unless
    of `type`.
    """

    name: str
    type: Type
    label: Label
    values: tuple[str, ...] = ()
    folded: bool = False
    dynamic: bool = False
