"""How large a rule may be, and what literals may hold; checked before anything else looks at a
document.
"""

from __future__ import annotations

from engine.rules.problems import RuleProblem, key_text, shown, step_into

# Deep enough for any rule a person can read, shallow enough for every evaluator's stack.
MAX_DEPTH = 32
# Levels of a checked rule, in which sums and "if" unfold; at this depth compiling to SQL, which
# needs the most stack, still works two hundred calls down (tests/rules/test_extent.py).
MAX_CHECKED_DEPTH = 40
# Nodes of a checked rule, where those that stand in two places count twice.
MAX_CHECKED_NODES = 20_000
# Levels that a check may go down, through macros and the segments a rule names.
MAX_CHECKING_DEPTH = 80
MAX_NODES = 500
# Nodes after macros are written out; stops a short rule from unfolding into a giant one.
MAX_EXPANDED_NODES = 4_000
MAX_LIST_ITEMS = 1_000
# In all lists together: the same list may stand in many places of a small document.
MAX_ITEMS = 10_000
MAX_TEXT_LENGTH = 10_000
# Up to here every integer is exact as a double, so Python, PostgreSQL and JSON agree.
NUMBER_LIMIT = 2**53
# Smaller sizes come from rounding; with MAX_FACTORS they keep products and quotients inside
# doubles, where PostgreSQL raises instead of answering infinity or zero.
SMALLEST_NUMBER = 1e-15
MAX_FACTORS = 8
MAX_NESTED_SEGMENTS = 8


def number_problem(value: float) -> str | None:
    """Why a number may not stand in a rule, or None."""
    if value == 0 or SMALLEST_NUMBER <= abs(value) <= NUMBER_LIMIT:
        return None
    return f"{shown(value)} is outside what a rule can compute with; use a number of at most 2^53."


def text_problem(value: str) -> str | None:
    """Why a text may not stand in a rule, or None."""
    if len(value) > MAX_TEXT_LENGTH:
        return f"the text is longer than {MAX_TEXT_LENGTH:,} characters."
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        return (
            "the text holds a character that no database can store (NUL or half a surrogate pair)."
        )
    return None


def size_problems(document: object, pointer: str) -> list[RuleProblem]:
    """Walk the raw document without recursion; the walk stops at the first limit, however big the
    rest is.
    """
    pending: list[tuple[object, str, int]] = [(document, pointer, 1)]
    operators = items = 0
    while pending:
        value, place, depth = pending.pop()
        if depth > MAX_DEPTH:
            message = f"A rule may be {MAX_DEPTH} levels deep; split this one up."
            return [RuleProblem(place, "too_deep", message)]
        if isinstance(value, dict):
            operators += len(value)
            if operators > MAX_NODES:
                message = f"A rule may have {MAX_NODES} operators; split this one up."
                return [RuleProblem(place, "too_large", message)]
            # the list of arguments belongs to its operator, so it adds no level of its own
            pending.extend(
                (child, step_into(place, key_text(key)), depth + (not isinstance(child, list)))
                for key, child in value.items()
            )
        elif isinstance(value, list):
            items += len(value)
            if len(value) > MAX_LIST_ITEMS:
                message = (
                    f"A list may hold {MAX_LIST_ITEMS:,} items, this one holds {len(value):,}."
                )
                return [RuleProblem(place, "too_many_items", message)]
            if items > MAX_ITEMS:
                message = f"All lists together may hold {MAX_ITEMS:,} items; split the rule up."
                return [RuleProblem(place, "too_many_items", message)]
            pending.extend(
                (child, step_into(place, index), depth + 1)
                for index, child in enumerate(value)
                if isinstance(child, dict | list)
            )
    return []
