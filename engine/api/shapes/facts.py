"""The catalogue of facts, as pickers and importers need it."""

from __future__ import annotations

from engine.api.shapes.common import Shown, Words


class FactShown(Shown):
    """A value that rules may read. `values` is the closed list of what it can be, empty when it can
    be anything of its type; `folded` texts are compared without regard to case and width. `origin`
    is where the value comes from, and `changes` what makes it another one.
    """

    path: str
    type: str
    label: Words
    values: list[str]
    folded: bool
    custom: bool
    origin: Words
    changes: Words


class RecordShown(Shown):
    """A kind of record. `listed_as` is its name where a rule looks into many of them."""

    kind: str
    label: Words
    listed_as: str | None
    facts: list[FactShown]


class FactsShown(Shown):
    records: list[RecordShown]
