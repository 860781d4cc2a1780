"""A rule that somebody is working on, in their words."""

from __future__ import annotations

from typing import Any

from designer.i18n import Translator
from engine.rules import Catalogue, RuleRefused, Subject, parse
from engine.rules.wording import describe


def said_of(
    document: Any,
    catalogue: Catalogue,
    t: Translator,
    *,
    subject: Subject = "contact",
    event_rule: bool = False,
) -> str:
    """What the rule asks; empty while it has mistakes."""
    try:
        rule = parse(document, catalogue, event_rule=event_rule, subject=subject)
    except RuleRefused:
        return ""
    return describe(rule.root, t.short, catalogue)
