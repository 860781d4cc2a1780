"""The static types of dialect 1. Every value expression has exactly one, known when the rule is
saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Language = Literal["en", "zh"]


class Type(StrEnum):
    """What a value is; `PROPERTY` is JSON from outside whose type the other side of a comparison
    decides.
    """

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    SET = "set"
    LIST = "list"
    RECORD = "record"
    PROPERTY = "property"


ORDERED = frozenset({Type.TEXT, Type.NUMBER, Type.MONEY, Type.DATE, Type.DATETIME})
SCALAR = ORDERED | {Type.BOOLEAN}


@dataclass(frozen=True, slots=True)
class Label:
    """Words for people, in both languages of the product."""

    en: str
    zh: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en
