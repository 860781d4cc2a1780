"""How urgent something is to our own people; by it they choose the ways they are told."""

from __future__ import annotations

from enum import StrEnum


class Urgency(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for the lowest; members are declared in that order."""
        return list(Urgency).index(self)


def higher(one: Urgency, other: Urgency) -> Urgency:
    return max(one, other, key=lambda urgency: urgency.rank)
