"""What an unquoted word in a flow file means.

YAML 1.1 reads `on`, `no` and `NO` as booleans, `1_0` and `010` as numbers and 2026-01-01 as a
date; a country code or a trigger's `on:` must stay what it is. Here a word is nothing, a boolean or
a number only in the forms that JSON and YAML 1.2 share; everything else is text.
"""

from __future__ import annotations

import math
import re
from typing import Final

NULL: Final = re.compile(r"(?:~|null|Null|NULL|)")
BOOLEAN: Final = re.compile(r"(?:true|True|TRUE|false|False|FALSE)")
INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")

# More digits fit neither a double nor a bigint column.
MAX_DIGITS: Final = 18


class BadNumber(ValueError):
    """The word is a number that cannot be kept."""


def plain_value(word: str) -> str | int | float | bool | None:
    """The value of an unquoted word; raises BadNumber. 3.0 is the whole number 3."""
    if NULL.fullmatch(word):
        return None
    if BOOLEAN.fullmatch(word):
        return word.lower() == "true"
    if INTEGER.fullmatch(word):
        if len(word) > MAX_DIGITS:
            raise BadNumber(f"the number {word[:24]} is too long; quote it when it is a text.")
        return int(word)
    if NUMBER.fullmatch(word):
        return _number(word)
    return word


def _number(word: str) -> int | float:
    number = float(word)
    if not math.isfinite(number):
        raise BadNumber(f"the number {word[:24]} is too large.")
    if number.is_integer() and abs(number) < 10**MAX_DIGITS:
        return int(number)
    return number
