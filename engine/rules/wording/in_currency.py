"""Conditions on money, said with their currency: total is at least 12.50 EUR."""

from __future__ import annotations

from collections.abc import Sequence

from engine.rules import ir
from engine.rules.types import Label
from engine.rules.wording.nouns import Nouns
from engine.rules.wording.verbs import COMPARISONS

_SUM_IN = Label("sum of {0} of {1} in {2}", "{1}的{2}{0}总和")


def amount(parts: Sequence[ir.Predicate], nouns: Nouns, *, truth: bool) -> str | None:
    """The sentence for a currency with its amount, or a sum in one currency; else None."""
    match parts:
        case [
            ir.Compare("==", ir.Field(path=(*whole, "currency")), ir.Literal(value=currency)),
            ir.Compare(sign, ir.Field(path=(*same, "minor")) as field, ir.Literal(value=minor)),
        ] if whole == same:
            said = COMPARISONS[sign].yes if truth else COMPARISONS[sign].no
            words = nouns.say(said, nouns.money(minor, currency))
            gap = " " if nouns.language == "en" else ""
            return f"{nouns.value(field)}{gap}{words}"
        case [ir.Compare(sign, ir.Aggregate("sum") as total, ir.Literal(value=minor))]:
            return _sum(sign, total, minor, nouns, truth=truth)
        case _:
            return None


def _sum(
    sign: ir.Comparison, total: ir.Aggregate, minor: ir.Scalar, nouns: Nouns, *, truth: bool
) -> str | None:
    match total.value, total.where:
        case ir.Field(path=(*_, "minor")) as field, ir.Compare(
            "==", ir.Field(path=(*_, "currency")), ir.Literal(value=str(currency))
        ):
            of = nouns.inside(total.items).value(field)
            about = nouns.say(_SUM_IN, of, nouns.list_name(total.items), currency)
            said = COMPARISONS[sign].yes if truth else COMPARISONS[sign].no
            gap = " " if nouns.language == "en" else ""
            return f"{about}{gap}{nouns.say(said, nouns.money(minor, currency))}"
        case _:
            return None
