"""Rules in the reader's words: what one asks, and why it held or did not.

The journal keeps the verdict of every condition and the values it read; the rule itself is in the
flow version. Laid over each other they are the whole explanation again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from designer.i18n import Translator
from engine.rules import Catalogue, Explained, Reading, Rule, RuleRefused, ir, parse
from engine.rules.wording import describe
from engine.rules.wording.because import because as told_because

# Nothing is asked of the clock: the verdicts come from the journal.
_SOME_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


def in_words(
    document: Any, catalogue: Catalogue, t: Translator, *, event_rule: bool = False
) -> str:
    """What a rule asks; empty when there is none, or none that this version understands."""
    rule = _read(document, catalogue, event_rule=event_rule)
    return describe(rule.root, t.short, catalogue) if rule else ""


def because(
    document: Any,
    verdict: Any,
    catalogue: Catalogue,
    t: Translator,
    *,
    event_rule: bool = False,
    zone: str = "UTC",
) -> str:
    """Why the rule gave this verdict, in one sentence; what it asks when that is unclear. Times are
    those of `zone`, the reader's wall clock.
    """
    if not isinstance(verdict, Mapping):
        return ""
    rule = _read(document, catalogue, event_rule=event_rule)
    if rule is None:
        return ""
    try:
        told = _laid_over(rule.explain({"contact": {}}, _SOME_TIME), verdict)
    except (KeyError, ValueError, TypeError):
        return describe(rule.root, t.short, catalogue)
    return told_because(told, t.short, catalogue, zone)


def _read(document: Any, catalogue: Catalogue, *, event_rule: bool) -> Rule | None:
    if document is None:
        return None
    try:
        return parse(document, catalogue, event_rule=event_rule)
    except RuleRefused:
        return None


def _laid_over(blank: Explained, verdict: Mapping[str, Any]) -> Explained:
    """The rule's tree with the journal's truths and values; ValueError when the two differ."""
    parts = zip(blank.children, verdict.get("parts") or (), strict=True)
    read = zip(blank.readings, verdict.get("read") or (), strict=True)
    return replace(
        blank,
        truth=bool(verdict["truth"]),
        readings=tuple(_valued(reading, stored) for reading, stored in read),
        children=tuple(_laid_over(child, part) for child, part in parts),
    )


def _valued(reading: Reading, stored: Mapping[str, Any]) -> Reading:
    return replace(reading, value=_revived(reading, stored["value"]), among=stored.get("among"))


def _revived(reading: Reading, value: Any) -> Any:
    """JSON has no times; what the rule knows to be one becomes one again."""
    if not isinstance(value, str) or isinstance(reading.node, ir.Items):
        return value
    match ir.value_type(reading.node):
        case "datetime":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case _:
            return value
