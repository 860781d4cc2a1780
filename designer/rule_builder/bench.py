"""What is on the bench: the tree being built, what was done to it, and who wants to hear of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.rules import Catalogue, RuleProblem, RuleRefused, Subject, parse
from engine.rules.building.choices import Place
from engine.rules.building.moves import depth_of, list_around
from engine.rules.building.reading import read_tree
from engine.rules.building.tree import Group, Written
from engine.rules.building.writing import WrittenRule, incomplete, written
from engine.rules.envelope import unwrap
from engine.rules.limits import size_problems
from engine.services.rules.suggestions import Suggestions

MOST_STEPS_BACK: Final = 100
# Groups inside groups; deeper ones that were written elsewhere are drawn too.
DEEPEST: Final = 5


@dataclass(slots=True)
class Bench:
    """`root` is replaced as a whole by `put`; `redraw` says whether its shape has changed."""

    designer: Designer
    visitor: Visitor
    catalogue: Catalogue
    subject: Subject = "contact"
    event_rule: bool = False
    suggestions: Suggestions = field(default_factory=Suggestions)
    root: Group = field(default_factory=Group)
    enveloped: bool = False
    _back: list[Group] = field(default_factory=list)
    _ahead: list[Group] = field(default_factory=list)
    _hearing: list[Callable[[bool], None]] = field(default_factory=list)

    def begin(self, document: Any) -> None:
        """Lay a stored rule on the bench, with nothing to take back."""
        self.root, self.enveloped = tree_of(document)
        self._back, self._ahead = [], []

    def hear(self, told: Callable[[bool], None]) -> None:
        """Be told of each change, and whether the tree must be drawn anew."""
        self._hearing.append(told)

    def put(self, root: Group, *, redraw: bool = True) -> None:
        if root is self.root:
            return
        self._back = [*self._back[-MOST_STEPS_BACK + 1 :], self.root]
        self._ahead = []
        self._show(root, redraw=redraw)

    @property
    def can_undo(self) -> bool:
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        return bool(self._ahead)

    def undo(self) -> None:
        if self._back:
            self._ahead.append(self.root)
            self._show(self._back.pop(), redraw=True)

    def redo(self) -> None:
        if self._ahead:
            self._back.append(self.root)
            self._show(self._ahead.pop(), redraw=True)

    def _show(self, root: Group, *, redraw: bool) -> None:
        self.root = root
        for told in self._hearing:
            told(redraw)

    @property
    def currency(self) -> str:
        """The workspace's own, which an amount begins with."""
        return self.designer.runtime.shared.base_currency

    @property
    def written(self) -> WrittenRule:
        return written(self.root)

    @property
    def document(self) -> Any:
        """The rule in the form it came in, None for no conditions."""
        bare = self.written.document
        return {"dialect": 1, "rule": bare} if self.enveloped and bare is not None else bare

    @property
    def lacking(self) -> list[int]:
        return incomplete(self.root)

    def problems(self) -> tuple[RuleProblem, ...]:
        """What the checker says of the rule as it stands; nothing of an empty one."""
        bare = self.written.document
        if bare is None:
            return ()
        try:
            parse(bare, self.catalogue, event_rule=self.event_rule, subject=self.subject)
        except RuleRefused as refused:
            return refused.problems
        return ()

    def place_of(self, node_id: int) -> Place:
        reach = self.catalogue.reachable(event_rule=self.event_rule, subject=self.subject)
        return Place(reach, self.event_rule, list_around(self.root, node_id))

    def may_nest(self, group_id: int) -> bool:
        return depth_of(self.root, group_id) < DEEPEST


def tree_of(document: Any) -> tuple[Group, bool]:
    """The tree of a stored rule, and whether it came in its envelope. What is too large to be
    drawn, or no rule at all, is one condition as it is written.
    """
    enveloped = isinstance(document, dict) and "dialect" in document
    try:
        bare, _ = unwrap(document)
    except RuleRefused:
        return Group("all", (Written(document),)), False
    if size_problems(bare, ""):
        return Group("all", (Written(bare),)), enveloped
    return read_tree(bare), enveloped
