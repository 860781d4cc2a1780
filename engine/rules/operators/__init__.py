"""Every operator of dialect 1, one entry each, found by its name in JSON."""

from engine.rules.operators import (
    comparison,
    event_macros,
    lists,
    logic,
    macros,
    money,
    numbers,
    segments,
    texts,
    windows,
)
from engine.rules.operators.entry import Operator, all_operators, find

__all__ = [
    "Operator",
    "all_operators",
    "comparison",
    "event_macros",
    "find",
    "lists",
    "logic",
    "macros",
    "money",
    "numbers",
    "segments",
    "texts",
    "windows",
]
