"""Rules of a pipeline: read, and asked whether they can ever hold."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Problem
from engine.flows.checks.remembered import never_together, verdict
from engine.flows.problems import shown
from engine.rules import Catalogue, Rule, RuleRefused, parse
from engine.rules.analysis import Verdict


class GateRules:
    """Reads rules about deals and collects what is wrong with them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: list[Problem] = []

    def read(self, document: object, place: str) -> Rule | None:
        """The rule; None where there is none, or none that can be read."""
        if document is None:
            return None
        try:
            rule = parse(document, self._catalogue, event_rule=False, subject="deal")
        except RuleRefused as refused:
            self._found += [
                Problem(f"{place}{one.pointer}", "bad_rule", one.message)
                for one in refused.problems
            ]
            return None
        if verdict(rule.root) is Verdict.IMPOSSIBLE:
            words = "this rule can never be true, whatever the deal is like; change it."
            self._found.append(Problem(place, "never_true", words))
            return None
        return rule

    def taken(self) -> list[Problem]:
        """What was found since it was last asked."""
        found, self._found = self._found, []
        return found

    @staticmethod
    def contradiction(
        rule: Rule | None, other: Rule | None, place: str, stage: str
    ) -> Iterator[Problem]:
        """A move whose own rule excludes that of the stage it leads to is never made."""
        if rule is not None and other is not None and never_together(rule.root, other.root):
            words = f"excludes what {shown(stage)} asks for, so the move is never allowed."
            yield Problem(place, "never_true", words)
