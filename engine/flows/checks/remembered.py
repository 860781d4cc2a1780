"""Answers of the rule analysis, kept: the designer asks about the same rules at every change."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from engine.rules import ir
from engine.rules.analysis import Verdict
from engine.rules.analysis import verdict as analysed
from engine.rules.analysis.one_rule import never_together as analysed_together

# A rule of ten conditions takes some KiB and up to a tenth of a second.
_MOST: Final = 4_096


@lru_cache(maxsize=_MOST)
def verdict(rule: ir.Predicate) -> Verdict:
    return analysed(rule)


@lru_cache(maxsize=_MOST)
def never_together(*rules: ir.Predicate) -> bool:
    """Whether it is certain that no facts make all of the rules true."""
    return analysed_together(rules)
