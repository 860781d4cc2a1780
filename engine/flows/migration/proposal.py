"""What is proposed for the people on each node; a person edits it before it is carried out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType

from engine.flows.migration.answers import LEAVE, STAY, Answer, Deed
from engine.flows.migration.check import Asked
from engine.flows.migration.fit import Fit, Pair, Why


@dataclass(frozen=True, slots=True)
class Proposal:
    """`again` are the nodes that would do a second time what they do, where `why` says so."""

    node: str
    answer: Answer
    why: Why
    again: tuple[str, ...] = ()


def propose(pair: Pair, asked: Asked = MappingProxyType({})) -> list[Proposal]:
    """For every node of the old version, in its order. What is unclear is left on the old version:
    there everybody gets what they were promised.
    """
    return [_proposal(pair, name, asked.get(name, ())) for name in pair.old.nodes]


def _proposal(pair: Pair, name: str, asked: Collection[str]) -> Proposal:
    if name in pair.new.nodes:
        answer, why = STAY, Why.UNCHANGED
        fit = pair.fit(name, STAY)
        if fit is Fit.ENTERED:
            return Proposal(name, LEAVE, Why.KIND)
        if fit is Fit.RECOMPUTED:
            why = Why.SETTINGS
    elif name in pair.renames:
        answer, why = Answer(Deed.TO, pair.renames[name]), Why.RENAMED
    else:
        return Proposal(name, LEAVE, Why.REMOVED)
    again = pair.done_again(name, answer, asked)
    return Proposal(name, LEAVE, Why.AGAIN, again) if again else Proposal(name, answer, why)
