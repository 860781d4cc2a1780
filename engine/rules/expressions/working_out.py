"""The engine that works expressions out, and the bounds it works in."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any, Final

import orjson
from datalogic_py import DataLogicError, Engine, EvaluateError
from datalogic_py import Rule as Compiled

# A sum over a thousand orders charges about 4,000; this is at most some milliseconds of work and
# as many kilobytes of text.
OPERATIONS: Final = 20_000
MOST_ITEMS: Final = 2_000
LONGEST_RESULT: Final = 10_000
_DEPTH: Final = 64
_BUDGET_EXCEEDED: Final = "BudgetExceeded"


class Trouble(StrEnum):
    """Why a value could not be worked out. Codes are stable."""

    TOO_MUCH_WORK = "too_much_work"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_LARGE = "too_large"
    NO_RESULT = "no_result"
    DOES_NOT_FIT = "does_not_fit"


class CannotCompute(ValueError):
    """These facts give the expression no value: a text in a sum, a division by zero, a limit."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


def new_engine(families: tuple[str, ...]) -> Engine:
    config = {
        "ops_budget": OPERATIONS,
        "max_recursion_depth": _DEPTH,
        "division_by_zero": "throw_error",
        "arithmetic_nan_handling": "throw_error",
    }
    return Engine(strict_operator_names=True, families=families, config=config)


def compiled(engine: Engine, document: object) -> Compiled:
    """Raises ValueError when the engine does not take what our check has let through."""
    # as text: a document that is a string would be taken for text, and read past our check
    text = orjson.dumps(document).decode()
    try:
        return engine.compile(text)
    except DataLogicError as error:
        raise ValueError(f"the engine refused a checked expression: {error}") from error


def worked_out(expression: Compiled, data: dict[str, Any]) -> Any:
    """The value as JSON has it. Raises CannotCompute."""
    for name, items in data.items():
        if isinstance(items, list) and len(items) > MOST_ITEMS:
            message = f"there are {len(items):,} {name}, and it may look at {MOST_ITEMS:,}."
            raise CannotCompute(Trouble.TOO_MANY_ITEMS, message)
    try:
        text, _ = expression.evaluate_metered(orjson.dumps(data).decode(), OPERATIONS)
    except EvaluateError as error:
        if error.error_type == _BUDGET_EXCEEDED:
            message = f"it takes more than {OPERATIONS:,} operations on these facts."
            raise CannotCompute(Trouble.TOO_MUCH_WORK, message) from error
        place = f' in "{error.operator}"' if error.operator else ""
        message = f"it has no value for these facts{place}: something is missing, no number, or 0."
        raise CannotCompute(Trouble.NO_RESULT, message) from error
    if len(text) > LONGEST_RESULT:
        message = f"its value is longer than {LONGEST_RESULT:,} characters."
        raise CannotCompute(Trouble.TOO_LARGE, message)
    return _plain(orjson.loads(text))


def _plain(value: Any) -> Any:
    """Whole numbers as such, however the engine wrote them."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value
