"""Lists and sets in a foreign document: some, all and none of them, and how builders count."""

from __future__ import annotations

from typing import Literal

from engine.rules.check import Placed
from engine.rules.importing.translation import Translation, Use, Word, named, operation
from engine.rules.types import Type

_Quantifier = Literal["some", "all", "none"]
_ALL_OF = (
    'It asks that the set holds nothing else, which a rule cannot; use "has_all" or "has_none"'
)


def quantifier(name: _Quantifier) -> Word:
    """some, all or none of the records of a list, or of the texts of a set."""

    def word(t: Translation, use: Use) -> object:
        if len(use.arguments) != 2:
            return Placed({name: t.arguments(use)}, use.pointer)
        fact = t.fact(use.arguments[0])
        if fact is not None and fact.type in (Type.SET, Type.PROPERTY):
            return _of_set(t, use, name)
        items = t.list_named(use.arguments[0])
        if items is None:
            return Placed({name: [t.node(use.arguments[0], use.place(0)), True]}, use.pointer)
        where = t.inside(items).node(use.arguments[1], use.place(1))
        return Placed({name: [t.node(use.arguments[0], use.place(0)), where]}, use.pointer)

    return word


def _of_set(t: Translation, use: Use, name: _Quantifier) -> object:
    wanted = _wanted(use.arguments[1])
    if wanted is None:
        message = 'Of a set a rule asks what it holds: {"in": [{"var": ""}, ["a", "b"]]}.'
        return t.failed(use.place(1), "wrong_type", message)
    held = t.node(use.arguments[0], use.place(0))
    texts = Placed(wanted, use.place(1))
    match name:
        case "some":
            return Placed({"has_any": [held, texts]}, use.pointer)
        case "none":
            return Placed({"has_none": [held, texts]}, use.pointer)
        case "all":
            return _nothing_but(t, use, held, wanted)


def _nothing_but(t: Translation, use: Use, held: object, wanted: list[object]) -> object:
    """The set holds something, and nothing but these: sayable where its values are a closed set."""
    fact = t.fact(use.arguments[0])
    if fact is None or not fact.values:
        return t.failed(use.pointer, "type_unclear", f"{_ALL_OF}.")
    others = [value for value in fact.values if value not in wanted]
    known = {"is_set": [held]}
    if not others:
        return Placed(known, use.pointer)
    return Placed({"and": [known, {"has_none": [held, others]}]}, use.pointer)


def _wanted(where: object) -> list[object] | None:
    """The texts that a condition on the items themselves asks for."""
    match operation(where):
        case "in", [itself, list(wanted)] if named(itself) == "":
            return wanted
        case "==" | "===", [itself, str(text)] if named(itself) == "":
            return [text]
        case _:
            return None


def reduced(t: Translation, use: Use) -> object:
    """The two folds that builders write: counting a list, with or without a filter, and summing."""
    match list(use.arguments):
        case [items, step, 0 | 0.0] if _adds(step, 1):
            return counted(t, use, items)
        case [items, step, 0 | 0.0] if (field := _added_field(step)) is not None:
            return _summed(t, use, items, field)
    message = "A rule folds a list only by counting it or by summing one of its fields."
    return t.failed(f"{use.pointer}/{use.name}", "unknown_operator", message)


def _added_field(step: object) -> str | None:
    """The field of the items that a step adds to what was added so far."""
    match operation(step):
        case "+", [one, other]:
            for value, rest in ((one, other), (other, one)):
                head, _, field = (named(value) or "").partition(".")
                if head == "current" and field and named(rest) == "accumulator":
                    return field
    return None


def _adds(step: object, amount: int) -> bool:
    accumulator = {"var": "accumulator"}
    return step in ({"+": [amount, accumulator]}, {"+": [accumulator, amount]})


def counted(t: Translation, use: Use, items: object) -> object:
    """How many records of a list, or of a filtered one, there are."""
    source, where = _filtered(t, use, items)
    return Placed({"count": [source, *where]}, use.pointer)


def left_over(t: Translation, use: Use, items: object) -> object:
    """That a filter leaves any record at all."""
    source, where = _filtered(t, use, items)
    return Placed({"some": [source, *where]}, use.pointer)


def _summed(t: Translation, use: Use, items: object, field: str) -> object:
    source, where = _filtered(t, use, items)
    return Placed({"sum": [source, Placed({"var": field}, use.place(1)), *where]}, use.pointer)


def _filtered(t: Translation, use: Use, items: object) -> tuple[object, list[object]]:
    """The list, and the condition of a filter around it."""
    place = use.place(0)
    match operation(items):
        case "filter", [source, where]:
            name = t.list_named(source)
            if name is None:
                return t.node(source, f"{place}/filter/0"), [True]
            inner = t.inside(name).node(where, f"{place}/filter/1")
            return t.node(source, f"{place}/filter/0"), [inner]
        case _:
            return t.node(items, place), []
