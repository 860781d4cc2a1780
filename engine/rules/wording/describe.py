"""A condition in words: `country is "SG" and score is at least 40`."""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules import ir
from engine.rules.facts import Catalogue
from engine.rules.types import Label, Language
from engine.rules.wording.changes import once, told
from engine.rules.wording.happenings import happening
from engine.rules.wording.in_currency import amount
from engine.rules.wording.nouns import Nouns
from engine.rules.wording.occurrences import OPPOSITE, counted, occurs
from engine.rules.wording.verbs import ALWAYS, Verb, said_of_values

_QUANTIFIERS: dict[ir.QuantifierName, Verb] = {
    "some": Verb(
        Label("include one where {}", "中至少一个满足“{}”"),
        Label("include none where {}", "中没有满足“{}”的"),
    ),
    "none": Verb(
        Label("include none where {}", "中没有满足“{}”的"),
        Label("include one where {}", "中至少一个满足“{}”"),
    ),
    "every": Verb(
        Label("are there, and for every one {}", "存在，且每一个都满足“{}”"),
        Label("are missing, or not for every one {}", "不存在，或并非每一个都满足“{}”"),
    ),
}
_EVERY = Verb(
    Label("has {}, and for every one {}", "有{}，且每一个都满足“{}”"),
    Label("has no {}, or not for every one {}", "没有{}，或并非每一个都满足“{}”"),
)
_ON_LIST = Verb(
    Label("is on the list {}", "在名单{}中"), Label("is not on the list {}", "不在名单{}中")
)
_AND, _OR = Label(" and ", "且"), Label(" or ", "或")
_NOT = Label("not ({})", "并非（{}）")
_IF = Label("if {}: {}; otherwise: {}", "若{}则{}，否则{}")


def describe(node: ir.Predicate, language: Language, catalogue: Catalogue) -> str:
    """A checked condition in words."""
    return phrase(node, nouns_of(catalogue, language))


def nouns_of(catalogue: Catalogue, language: Language) -> Nouns:
    """The nouns of a language, with the conditions inside values said in it too."""
    return Nouns(catalogue, language, phrase=phrase)


def phrase(node: ir.Predicate, nouns: Nouns) -> str:
    match node:
        case ir.Constant(truth):
            return nouns.say(ALWAYS.yes if truth else ALWAYS.no)
        case ir.And(parts):
            return nouns.say(_AND).join(_joined(parts, nouns))
        case ir.Or() | ir.Not(ir.Or()) if (said := _once(node, nouns)) is not None:
            return said
        case ir.Or(parts):
            return nouns.say(_OR).join(_grouped(part, nouns) for part in parts)
        case ir.Not(ir.And(parts)) if (said := amount(parts, nouns, truth=False)) is not None:
            return said
        case ir.Not(ir.And() | ir.Or() | ir.Either() as part):
            return nouns.say(_NOT, phrase(part, nouns))
        case ir.Not(part):
            return _leaf(part, nouns, truth=False)
        case ir.Either(test, then, otherwise):
            return nouns.say(_IF, *(_grouped(part, nouns) for part in (test, then, otherwise)))
        case _:
            return _leaf(node, nouns, truth=True)


def _joined(parts: tuple[ir.Predicate, ...], nouns: Nouns) -> Iterator[str]:
    """The parts in words; a currency and the amount behind it are one part."""
    at = 0
    while at < len(parts):
        said = amount(parts[at : at + 2], nouns, truth=True)
        yield _grouped(parts[at], nouns) if said is None else said
        at += 1 if said is None else 2


def _is_one(parts: tuple[ir.Predicate, ...], nouns: Nouns) -> bool:
    """Whether `_joined` gives one text; it is not asked, for every level would double the work."""
    return len(parts) == 1 or (len(parts) == 2 and amount(parts, nouns, truth=True) is not None)


def _once(node: ir.Predicate, nouns: Nouns) -> str | None:
    """What a field once was, which is written as two conditions and said as one."""
    if isinstance(node, ir.Not):
        return once(node.part, nouns, phrase, truth=False)
    return once(node, nouns, phrase, truth=True)


def _grouped(node: ir.Predicate, nouns: Nouns) -> str:
    words = phrase(node, nouns)
    if not isinstance(node, ir.And | ir.Or | ir.Either) or _once(node, nouns) is not None:
        return words
    if isinstance(node, ir.And) and _is_one(node.parts, nouns):
        return words
    return f"({words})" if nouns.language == "en" else f"（{words}）"


def _leaf(node: ir.Predicate, nouns: Nouns, *, truth: bool) -> str:
    said = _idiom(node, nouns, truth=truth)
    if said is not None:
        return said
    gap = " " if nouns.language == "en" else ""
    return gap.join(filter(None, (subject(node, nouns), verb(node, nouns, truth=truth))))


def _idiom(node: ir.Predicate, nouns: Nouns, *, truth: bool) -> str | None:
    """The sentence for a condition that is said in one breath, or None."""
    if (change := told(node, nouns, truth=truth)) is not None:
        return change
    match node:
        case ir.Quantified("every", items, where):
            said = _EVERY.yes if truth else _EVERY.no
            return nouns.say(said, nouns.list_name(items), phrase(where, nouns.inside(items)))
        case ir.IsSet(ir.Items() as items):
            return occurs(items, ir.TRUE, nouns, phrase, some=truth)
        case ir.Quantified(quantifier, items, where):
            return occurs(items, where, nouns, phrase, some=(quantifier == "some") is truth)
        case ir.Compare(sign, ir.Count() as count, ir.Literal(value=number)):
            return counted(count, sign if truth else OPPOSITE[sign], number, nouns, phrase)
        case ir.Has(ir.Field(path=("contact", "segments")), (name,)):
            said = _ON_LIST.yes if truth else _ON_LIST.no
            return nouns.say(said, nouns.literal(name))
        case ir.Compare():
            return amount((node,), nouns, truth=truth) or happening(
                node, nouns, phrase, truth=truth
            )
        case _:
            return happening(node, nouns, phrase, truth=truth)


def subject(node: ir.Predicate, nouns: Nouns) -> str:
    """What a leaf condition is about."""
    match node:
        case ir.Compare(left=ir.Count() | ir.Aggregate() as left):
            where = "" if left.where == ir.TRUE else phrase(left.where, nouns.inside(left.items))
            return nouns.value(left, where)
        case ir.Compare():
            return nouns.value(node.left)
        case ir.Has():
            return nouns.value(node.set)
        case ir.IsTrue() | ir.Within() | ir.ComesRound() | ir.OneOf() | ir.TextTest() | ir.IsSet():
            return nouns.value(node.value)
        case ir.Quantified():
            return nouns.list_name(node.items)
        case _:
            return ""


def verb(node: ir.Predicate, nouns: Nouns, *, truth: bool) -> str:
    """What a leaf condition says of its subject, or that it is not so."""
    if isinstance(node, ir.Quantified):
        found = _QUANTIFIERS[node.quantifier]
        parts = [phrase(node.where, nouns.inside(node.items))]
    else:
        found, parts = said_of_values(node, nouns)
    return nouns.say(found.yes if truth else found.no, *parts)
