"""An explanation as a person would group it: `not` is said by what it turns round, and an amount
with its currency is one condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from engine.rules import ir
from engine.rules.explain import Explained

Group = Literal["all", "any", "if", "one"]


@dataclass(frozen=True, slots=True)
class Reason:
    """`truth` is that of the condition as it is told, `holds` what it gives to the group around it:
    the two differ below a `not`. A single condition, `one`, has been `read`.
    """

    group: Group
    truth: bool
    holds: bool
    parts: tuple[Reason, ...] = ()
    read: tuple[Explained, ...] = ()

    def deciding_parts(self) -> tuple[Reason, ...]:
        """The parts without which this would have another truth."""
        match self.group:
            case "any" if self.truth:
                return (next(part for part in self.parts if part.holds),)
            case "all" | "any":
                return tuple(part for part in self.parts if part.holds == self.truth)
            case "if":
                test, then, otherwise = self.parts
                return test, then if test.holds else otherwise
            case "one":
                return ()

    def deciding(self) -> Iterator[Reason]:
        """The single conditions that decided, in the order of the rule."""
        if self.group == "one":
            yield self
        for part in self.deciding_parts():
            yield from part.deciding()


def reason_of(explained: Explained) -> Reason:
    truth = explained.truth
    match explained.node:
        case ir.Not():
            inner = reason_of(explained.children[0])
            return Reason(inner.group, inner.truth, truth, inner.parts, inner.read)
        case ir.And():
            return Reason("all", truth, truth, tuple(_with_amounts(explained.children)))
        case ir.Or((_, ir.Quantified("some", ir.Items("changes")))):
            # it is so, or once was: one thing to say
            return Reason("one", truth, truth, read=(explained,))
        case ir.Or():
            return Reason("any", truth, truth, tuple(map(reason_of, explained.children)))
        case ir.Either():
            return Reason("if", truth, truth, tuple(map(reason_of, explained.children)))
        case _:
            return Reason("one", truth, truth, read=(explained,))


def _with_amounts(children: Sequence[Explained]) -> Iterator[Reason]:
    amounts = {
        id(first): second for first, second in pairwise(children) if _is_amount(first, second)
    }
    halves = {id(second) for second in amounts.values()}
    for child in children:
        if id(child) in amounts:
            other = amounts[id(child)]
            both = child.truth and other.truth
            yield Reason("one", both, both, read=(child, other))
        elif id(child) not in halves:
            yield reason_of(child)


def _is_amount(first: Explained, second: Explained) -> bool:
    """Whether these are the currency and the size of one amount, as comparisons split it."""
    match first.node, second.node:
        case (
            ir.Compare("==", ir.Field(path=(*whole, "currency")), ir.Literal()),
            ir.Compare(left=ir.Field(path=(*same, "minor")), right=ir.Literal()),
        ):
            return whole == same
        case _:
            return False
