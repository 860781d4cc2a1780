"""How large a checked rule is. A short document may be deep: a sum of twenty numbers is nineteen
sums of two, an "if" with ten conditions stands ten deep in itself. It may also be large: a value
between two others is compared twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules import ir
from engine.rules.checked import Checked, Money


@dataclass(frozen=True, slots=True)
class Extent:
    """A leaf has one level and one node; nodes that stand in two places count twice."""

    levels: int
    nodes: int


class Extents:
    """The extent of each node, worked out once and without recursion."""

    def __init__(self) -> None:
        # By identity; the node is kept so that its id is not given to another.
        self._known: dict[int, tuple[Checked, Extent]] = {}

    def of(self, node: Checked) -> Extent:
        known, pending = self._known, [node]
        while pending:
            one = pending[-1]
            parts = () if id(one) in known else _parts(one)
            unknown = [part for part in parts if id(part) not in known]
            if unknown:
                pending.extend(unknown)
                continue
            pending.pop()
            if id(one) not in known:
                below = [known[id(part)][1] for part in parts]
                levels = max((part.levels for part in below), default=0)
                known[id(one)] = one, Extent(levels + 1, sum(part.nodes for part in below) + 1)
        return known[id(node)][1]


def _parts(node: Checked) -> tuple[Checked, ...]:
    match node:
        case ir.And(parts) | ir.Or(parts):
            return parts
        case ir.Not(part):
            return (part,)
        case ir.Compare() | ir.Arithmetic():
            return node.left, node.right
        case ir.Either() | ir.Choice():
            return node.test, node.then, node.otherwise
        case ir.Aggregate():
            return node.value, node.where
        case ir.Count() | ir.Quantified():
            return (node.where,)
        case ir.IsTrue() | ir.Within() | ir.ComesRound() | ir.OneOf() | ir.TextTest() | ir.IsSet():
            return (node.value,)
        case Money():
            return node.minor, node.currency
        case _:
            return ()
