"""Models that read what scores write would change themselves for ever."""

from __future__ import annotations

from engine.errors import Problem
from engine.rules.scoring import THRESHOLD_REACHED, CompiledModel


def circles(compiled: CompiledModel) -> list[Problem]:
    """The rules of a model that do, segments that are written out in them included."""
    found = []
    for at, rule in enumerate(compiled.rules):
        counted = {need.name for need in rule.reads.events}
        if ("contact", "score") in rule.reads.fields or counted & {THRESHOLD_REACHED, None}:
            message = "A model cannot read scores, nor events of every name: it would read itself."
            found.append(Problem(f"/rules/{at}", "circular", message))
    return found
