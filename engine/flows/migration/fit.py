"""How a node of the old version fits the place that an answer names in the new one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.flows.diff.renames import guess_renames
from engine.flows.graph import reachable
from engine.flows.migration.answers import Answer, Deed
from engine.flows.model import Flow, Node
from engine.flows.stored_json import alike, canonical

# They only wait or choose a way. Any other kind does something to somebody, and must not do it
# twice because of a move.
QUIET_KINDS = frozenset({"wait", "wait_until", "wait_for", "branch", "split", "jump", "exit"})


class Fit(StrEnum):
    """`same`: a wait goes on as it is. `recomputed`: the kind is the same, the settings differ, so
    a wait is worked out again from when it began. `entered`: the node is entered anew.
    """

    SAME = "same"
    RECOMPUTED = "recomputed"
    ENTERED = "entered"


class Why(StrEnum):
    """The reason for what is proposed for a node."""

    UNCHANGED = "unchanged"
    SETTINGS = "settings"
    RENAMED = "renamed"
    KIND = "kind"
    REMOVED = "removed"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of a flow, and the names that changed between them."""

    old: Flow
    new: Flow
    renames: Mapping[str, str] = field(init=False)
    # asked of every person on a node, and the same for all of them
    _fits: dict[tuple[str, Answer], Fit] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "renames", guess_renames(self.old, self.new))

    def target(self, name: str, answer: Answer) -> str | None:
        """The node of the new version where somebody from `name` will stand; None for nowhere."""
        match answer.deed:
            case Deed.STAY:
                return name
            case Deed.TO:
                return answer.to
            case Deed.RESTART:
                return self.new.first
        return None

    def is_same_place(self, name: str, answer: Answer) -> bool:
        """Whether the person goes on standing where they stand, be it under another name."""
        if answer.deed is Deed.STAY:
            return True
        return answer.deed is Deed.TO and answer.to in (name, self.renames.get(name))

    def fit(self, name: str, answer: Answer) -> Fit:
        known = self._fits.get((name, answer))
        if known is None:
            known = self._fits[name, answer] = self._fit(name, answer)
        return known

    def _fit(self, name: str, answer: Answer) -> Fit:
        target = self.target(name, answer)
        if target is None or not self.is_same_place(name, answer):
            return Fit.ENTERED
        was, now = self.old.nodes[name], self.new.nodes[target]
        if was.kind != now.kind:
            return Fit.ENTERED
        return Fit.SAME if alike(dict(was.settings), dict(now.settings)) else Fit.RECOMPUTED

    def done_again(self, name: str, answer: Answer, asked: Collection[str] = ()) -> tuple[str, ...]:
        """Nodes of the new version that somebody from `name` may meet although they may have been
        through them, or through a node that did the same: what these do (a message, a task) would
        be done a second time.

        `asked` are nodes on which somebody who stands there did ask the world, maybe in a version
        before. A way back that the old version had too is no news.
        """
        target = self.target(name, answer)
        if target is None or target not in self.new.nodes:
            return ()
        old_ways, new_ways = _ways(self.old), _ways(self.new)
        stays = self.is_same_place(name, answer)
        ahead = reachable(new_ways, target)
        if stays and self.fit(name, answer) is not Fit.ENTERED:
            ahead = set().union(*(reachable(new_ways, to) for to in new_ways[target]))
        ahead_before = set().union(*(reachable(old_ways, to) for to in old_ways[name]), ())
        been = {
            id_
            for id_, node in self.old.nodes.items()
            if node.kind not in QUIET_KINDS
            # whoever stands on a node has asked already what it asks
            if (id_ == name or name in reachable(old_ways, id_))
        }
        been = (been | set(asked)) - ahead_before
        behind = {self.renames.get(id_, id_) for id_ in been}
        done = {_deed(self.old.nodes[id_]) for id_ in been if id_ in self.old.nodes}
        before = {self.renames.get(id_, id_): _deed(self.old.nodes[id_]) for id_ in ahead_before}
        return tuple(
            id_
            for id_, node in self.new.nodes.items()
            if id_ in ahead and node.kind not in QUIET_KINDS
            if id_ in behind or (_deed(node) in done and before.get(id_) != _deed(node))
        )


def _deed(node: Node) -> tuple[str, str]:
    """What a node does, whatever it is called and wherever it leads."""
    return node.kind, canonical(dict(node.settings))


def _ways(flow: Flow) -> dict[str, list[str]]:
    return {
        id_: [to for to in node.exits.values() if to in flow.nodes]
        for id_, node in flow.nodes.items()
    }
