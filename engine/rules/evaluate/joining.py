"""All of several conditions, or any of them.

Short rows of conditions are written out: a loop costs an eighth more, and every rule joins some.
"""

from __future__ import annotations

from typing import Any

from engine.rules.evaluate.reading import Test

# Longer rows nest too deep to be worth it.
_WRITTEN_OUT = 16


def all_of(parts: tuple[Test, ...]) -> Test:
    """True when every part is; parts after the first false one are not asked."""
    match parts:
        case (only,):
            return only
        case (a, b):
            return lambda record, instants: a(record, instants) and b(record, instants)
        case (a, b, c):
            return lambda record, instants: (
                a(record, instants) and b(record, instants) and c(record, instants)
            )
        case (a, b, c, *rest) if len(parts) <= _WRITTEN_OUT:
            d = all_of(tuple(rest))
            return lambda record, instants: (
                a(record, instants)
                and b(record, instants)
                and c(record, instants)
                and d(record, instants)
            )

    def holds(record: Any, instants: Any) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs twice the time
            if not part(record, instants):
                return False
        return True

    return holds


def any_of(parts: tuple[Test, ...]) -> Test:
    """True when a part is; parts after the first true one are not asked."""
    match parts:
        case (only,):
            return only
        case (a, b):
            return lambda record, instants: a(record, instants) or b(record, instants)
        case (a, b, c):
            return lambda record, instants: (
                a(record, instants) or b(record, instants) or c(record, instants)
            )

    def holds(record: Any, instants: Any) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs twice the time
            if part(record, instants):
                return True
        return False

    return holds
