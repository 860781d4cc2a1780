"""What a message is, as far as rules about sending care, and which messages a rule is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

MARKETING: Final = "marketing"
# What people write for "whatever it is".
ANY: Final = "any"
NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class About:
    """`topic` is what the message is about, None where its template names none."""

    purpose: str
    topic: str | None = None
    medium: str = "email"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which messages a rule is about. An empty set stands for all; where nothing else is said a
    rule is about marketing, so that nobody waits for a receipt until the morning."""

    purposes: frozenset[str] = frozenset({MARKETING})
    topics: frozenset[str] = NOTHING
    media: frozenset[str] = NOTHING

    def covers(self, about: About) -> bool:
        return (
            (not self.purposes or about.purpose in self.purposes)
            and (not self.topics or about.topic in self.topics)
            and (not self.media or about.medium in self.media)
        )

    def written(self) -> dict[str, Any]:
        """The keys people write; what is left out is left out again."""
        found: dict[str, Any] = {}
        if self.purposes != {MARKETING}:
            found["purpose"] = _written(self.purposes) if self.purposes else ANY
        if self.topics:
            found["topic"] = _written(self.topics)
        if self.media:
            found["medium"] = _written(self.media)
        return found


EVERYTHING: Final = Scope(purposes=NOTHING)


def _written(words: frozenset[str]) -> str | list[str]:
    ordered = sorted(words)
    return ordered[0] if len(ordered) == 1 else ordered
