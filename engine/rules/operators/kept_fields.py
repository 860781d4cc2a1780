"""Fields whose changes are written down, as the operators on changes take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.rules import ir
from engine.rules.check import Scope
from engine.rules.checked import Checked, Money
from engine.rules.fact import Fact, RecordKind
from engine.rules.operators.call import Call
from engine.rules.operators.sides import known_value
from engine.rules.provenance import Change
from engine.rules.types import Type

_WRITTEN: Final = frozenset({Change.WRITTEN, Change.STAGE})
# Kept by Cadenza for its own use: it changes with every other change and says nothing more.
_BOOKKEEPING: Final = "updated_at"
RECORDS: Final[Sequence[RecordKind]] = ("contact", "account", "deal", "ticket", "order")


@dataclass(frozen=True, slots=True)
class KeptField:
    """`now` is the field as a rule reads it on the record itself."""

    record: RecordKind
    fact: Fact
    now: ir.Field | Money

    def read_at(self, *path: str) -> ir.Field | Money:
        """A value of the field that is kept as JSON at another place."""
        if isinstance(self.now, Money):
            return Money(
                ir.Field(Type.NUMBER, (*path, "minor"), dynamic=True),
                ir.Field(Type.TEXT, (*path, "currency"), dynamic=True),
            )
        return ir.Field(self.now.type, path, dynamic=True, folded=self.now.folded)


def is_kept(record: RecordKind, fact: Fact) -> bool:
    """Whether every change of the field is written down with its old and new value."""
    if record not in RECORDS or fact.is_derived or fact.name == _BOOKKEEPING:
        return False
    return fact.change in _WRITTEN


def kept_field(call: Call, index: int, records: Sequence[RecordKind]) -> KeptField | None:
    """The argument as a field of one of these records, or None after a problem."""
    if call.scope.item is not None:
        message = f'"{call.name}" cannot be asked of a record in a list.'
        call.problem("field_out_of_reach", message)
        return None
    node = call.node(index, Scope(tuple(RECORDS)))
    if node is None:
        return None
    found = _field(call, node)
    if found is None or found.record not in records or not is_kept(found.record, found.fact):
        names = ", ".join(records)
        message = f'"{call.name}" needs a field that people and systems write, of: {names}.'
        call.problem("wrong_type", message, index)
        return None
    return found


def _field(call: Call, node: Checked) -> KeptField | None:
    match node:
        case ir.Field(path=(record, *name)):
            now: ir.Field | Money = node
        case Money(minor=ir.Field(path=(record, *name, "minor"))):
            now = node
        case _:
            return None
    kinds: Mapping[str, RecordKind] = {kind: kind for kind in RECORDS}
    fact = call.checker.catalogue.fact(kinds[record], ".".join(name)) if record in kinds else None
    return None if fact is None else KeptField(kinds[record], fact, now)


def is_possible(call: Call, field: KeptField, value: Checked, index: int) -> bool:
    """Whether a written-out text is one of the field's values, where those are a closed set."""
    if not isinstance(field.now, ir.Field) or not isinstance(value, ir.Literal):
        return True
    return known_value(call, field.now, value.value, call.place(index))
