"""Why a rule held or did not, as a sentence and as JSON for the run's journal."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.rules import ir
from engine.rules.explain import Explained, Reading
from engine.rules.facts import Catalogue
from engine.rules.types import Label, Language
from engine.rules.wording.describe import phrase, subject, verb
from engine.rules.wording.nouns import Nouns

_BECAUSE = Label("because {}", "因为{}")
_AND = Label(" and ", "，且")
_ACTUAL = Label("{} is {}, which {}", "{}为{}，{}")
_MATCHING = Label("{} of {} {} match ({})", "{1} 个{2}中有 {0} 个满足（{3}）")
_PLAIN = Label("{} {}", "{}{}")
_SHOWN_VALUES = 20


def sentence(tree: Explained, language: Language, catalogue: Catalogue) -> str:
    """One sentence that names the conditions that decided, with the values they read."""
    nouns = Nouns(catalogue, language)
    return nouns.say(_BECAUSE, _reason(tree, nouns))


def _reason(tree: Explained, nouns: Nouns) -> str:
    match tree.node:
        case ir.And():
            return _joined([child for child in tree.children if child.truth == tree.truth], nouns)
        case ir.Or() if tree.truth:
            return _reason(next(child for child in tree.children if child.truth), nouns)
        case ir.Or():
            return _joined(tree.children, nouns)
        case ir.Not():
            return _reason(tree.children[0], nouns)
        case ir.Either():
            test, then, otherwise = tree.children
            return _joined([test, then if test.truth else otherwise], nouns)
        case _:
            return _leaf(tree, nouns)


def _joined(trees: list[Explained] | tuple[Explained, ...], nouns: Nouns) -> str:
    return nouns.say(_AND).join(_reason(tree, nouns) for tree in trees)


def _leaf(tree: Explained, nouns: Nouns) -> str:
    about, said = subject(tree.node, nouns), verb(tree.node, nouns, truth=tree.truth)
    if isinstance(tree.node, ir.Quantified):
        (reading,) = tree.readings
        where = phrase(tree.node.where, nouns.inside(tree.node.items))
        found = (str(reading.value), str(reading.among), nouns.list_name(tree.node.items))
        return nouns.say(_MATCHING, *found, where)
    obvious = isinstance(tree.node, ir.IsSet | ir.IsTrue | ir.Has) or _is_equal(tree)
    if obvious or len(tree.readings) != 1:
        return nouns.say(_PLAIN, about, said)
    return nouns.say(_ACTUAL, about, nouns.literal(tree.readings[0].value), said)


def _is_equal(tree: Explained) -> bool:
    return tree.truth and isinstance(tree.node, ir.Compare) and tree.node.operator == "=="


def as_json(tree: Explained, catalogue: Catalogue) -> dict[str, Any]:
    """The whole tree in JSON types: truth, words in both languages, values read, parts."""
    english, chinese = Nouns(catalogue, "en"), Nouns(catalogue, "zh")
    return {
        "truth": tree.truth,
        "text": {"en": phrase(tree.node, english), "zh": phrase(tree.node, chinese)},
        "reads": [_reading(reading, english, chinese) for reading in tree.readings],
        "children": [as_json(child, catalogue) for child in tree.children],
    }


def _reading(reading: Reading, english: Nouns, chinese: Nouns) -> dict[str, Any]:
    label = {"en": english.value(reading.node), "zh": chinese.value(reading.node)}
    found: dict[str, Any] = {"label": label, "value": _plain(reading.value)}
    if isinstance(reading.node, ir.Field):
        found["fact"] = ".".join(reading.node.path)
    if reading.among is not None:
        found["among"] = reading.among
    return found


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case list() | tuple():
            return [_plain(one) for one in value[:_SHOWN_VALUES]]
        case _:
            return value
