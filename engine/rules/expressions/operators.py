"""What an expression may use of JSONLogic: whatever neither asks a clock nor throws or catches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Name -> how many arguments it takes; None for any number.
ARGUMENTS: Final[Mapping[str, tuple[int, int | None]]] = {
    **dict.fromkeys(("+", "*"), (1, None)),
    "-": (1, 2),
    "/": (2, 2),
    "%": (2, 2),
    **dict.fromkeys(("max", "min"), (1, None)),
    **dict.fromkeys(("abs", "ceil", "floor"), (1, 1)),
    **dict.fromkeys(("==", "===", "!=", "!=="), (2, 2)),
    **dict.fromkeys(("<", "<=", ">", ">="), (2, 3)),
    **dict.fromkeys(("!", "!!"), (1, 1)),
    **dict.fromkeys(("and", "or", "??"), (1, None)),
    **dict.fromkeys(("if", "?:"), (2, None)),
    "cat": (1, None),
    "substr": (2, 3),
    "in": (2, 2),
    **dict.fromkeys(("upper", "lower", "trim", "length"), (1, 1)),
    **dict.fromkeys(("starts_with", "ends_with"), (2, 2)),
    "merge": (1, None),
    **dict.fromkeys(("map", "filter", "all", "some", "none"), (2, 2)),
    "reduce": (3, 3),
    "var": (1, 2),
}
# The second argument is worked out for each item of the first.
WALKS: Final = frozenset({"map", "filter", "all", "some", "none", "reduce"})
FAMILIES: Final = ("Core", "ExtString", "ExtMath", "ExtControl")
