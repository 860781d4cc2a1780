"""The stored form of a rule, `{"dialect": 1, "rule": ...}`, and the bare rule inside it."""

from __future__ import annotations

from engine.rules.problems import RuleProblem, RuleRefused, shown

DIALECT = 1


def unwrap(document: object) -> tuple[object, str]:
    """The bare rule and the pointer to it; a bare rule is itself. Raises RuleRefused."""
    if not isinstance(document, dict) or "dialect" not in document:
        return document, ""
    if document["dialect"] != DIALECT or isinstance(document["dialect"], bool):
        message = f"Only dialect {DIALECT} is known, not {shown(document['dialect'])}."
        raise RuleRefused((RuleProblem("/dialect", "unknown_dialect", message),))
    if document.keys() != {"dialect", "rule"}:
        message = 'A rule is stored as {"dialect": 1, "rule": ...} with nothing else beside.'
        raise RuleRefused((RuleProblem("", "not_a_rule", message),))
    return document["rule"], "/rule"
