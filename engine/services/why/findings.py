"""One reason among several, in both languages, and the rules behind it in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.flows.words import Words
from engine.rules import Catalogue, Facts, Rule
from engine.rules.wording.because import because
from engine.services.actor import Actor
from engine.services.rules.permissions import may_know


class Stance(StrEnum):
    """Whether a finding lets somebody pass, stands in the way, or only says how things are."""

    FOR = "for"
    AGAINST = "against"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable; `said` are sentences by language ("en", "zh"), ready to be shown; `details`
    are the plain values they speak of: instants in ISO 8601, numbers, codes.
    """

    code: str
    stance: Stance
    said: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        return self.said["zh" if language.startswith("zh") else "en"]


def finding(
    code: str,
    stance: Stance,
    words: Words,
    /,
    *,
    because: Mapping[str, str] | None = None,
    **details: Any,
) -> Finding:
    """The words with the details put in; `because` is put behind them."""
    said = {"en": words.en.format(**details), "zh": words.zh.format(**details)}
    if because is not None:
        said = {
            "en": f"{said['en'].rstrip('.')}, {because['en']}.",
            "zh": f"{said['zh'].rstrip('。')}，{because['zh']}。",
        }
    return Finding(code, stance, said, details)


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks rules of one contact, with the values read now. Raises NotAllowed for whoever may not
    see all that a rule reads."""

    actor: Actor
    catalogue: Catalogue
    facts: Facts
    now: Any
    zone: str

    def ask(
        self, rule: Rule, event: Mapping[str, Any] | None = None
    ) -> tuple[bool, dict[str, str]]:
        """Whether the rule holds, and why in words."""
        may_know(self.actor, rule, "contact", self.catalogue)
        facts = self.facts if event is None else {**self.facts, "event": dict(event)}
        told = rule.explain(facts, self.now, self.zone)
        return told.truth, {
            "en": because(told, "en", self.catalogue, self.zone),
            "zh": because(told, "zh", self.catalogue, self.zone),
        }
