"""Why a rule held or did not, as a sentence and as JSON for the run's journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.rules import ir
from engine.rules.explain import Explained, Reading
from engine.rules.facts import Catalogue
from engine.rules.types import Label, Language
from engine.rules.wording.because import because
from engine.rules.wording.describe import nouns_of, phrase
from engine.rules.wording.nouns import Nouns

_SHOWN_VALUES = 20
# In characters.
_LONGEST_TEXT = 2_000
_LONGEST_VALUE = 1_000
_LONGEST_TREE = 200_000
_CUT = "…"
_ALL, _ANY = Label("all of these", "以下全部"), Label("any of these", "以下任一")
_NOT = Label("not this", "并非如下")
_IF = Label("if the first: the second, else the third", "若第一项则第二项，否则第三项")


def sentence(tree: Explained, language: Language, catalogue: Catalogue, zone: str = "UTC") -> str:
    """One sentence that names the conditions that decided, with the values they read; times are
    those of `zone`.
    """
    return because(tree, language, catalogue, zone)


def as_json(tree: Explained, catalogue: Catalogue) -> dict[str, Any]:
    """The whole tree in JSON types: truth, words in both languages, values read, parts.

    A group has few words of its own ("all of these"), for those of its parts stand with them. What
    a condition says is cut after 2,000 characters, a value after 1,000; all of the tree together
    after 200,000, from where on there is only "…".
    """
    return _Writer(nouns_of(catalogue, "en"), nouns_of(catalogue, "zh")).condition(tree)


def readings_as_json(tree: Explained, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The values that this one condition read, as they stand in `as_json`."""
    return _Writer(nouns_of(catalogue, "en"), nouns_of(catalogue, "zh")).readings(tree)


@dataclass(slots=True)
class _Writer:
    english: Nouns
    chinese: Nouns
    left: int = _LONGEST_TREE

    def condition(self, tree: Explained) -> dict[str, Any]:
        return {
            "truth": tree.truth,
            "text": self._words(tree.node),
            "reads": self.readings(tree),
            "children": [self.condition(child) for child in tree.children],
        }

    def readings(self, tree: Explained) -> list[dict[str, Any]]:
        return [self._reading(reading) for reading in tree.readings]

    def _words(self, node: ir.Predicate) -> dict[str, str]:
        label = _group(node)
        if label is not None:
            return {"en": label.en, "zh": label.zh}
        return self._both(phrase, node)

    def _both(self, said: Callable[[Any, Nouns], str], node: ir.Node) -> dict[str, str]:
        if self.left <= 0:
            return {"en": _CUT, "zh": _CUT}
        return {
            "en": self._cut(said(node, self.english)),
            "zh": self._cut(said(node, self.chinese)),
        }

    def _reading(self, reading: Reading) -> dict[str, Any]:
        label = self._both(lambda node, nouns: nouns.value(node), reading.node)
        found: dict[str, Any] = {"label": label, "value": self._value(reading.value)}
        if isinstance(reading.node, ir.Field):
            found["fact"] = ".".join(reading.node.path)
        if reading.among is not None:
            found["among"] = reading.among
        return found

    def _value(self, value: Any) -> Any:
        plain = _plain(value)
        if isinstance(plain, str):
            return self._cut(plain, _LONGEST_VALUE)
        if not isinstance(plain, list | dict):
            return plain
        size = len(json.dumps(plain, ensure_ascii=False, default=str))
        if size > min(_LONGEST_VALUE, self.left):
            return _CUT
        self.left -= size
        return plain

    def _cut(self, text: str, longest: int = _LONGEST_TEXT) -> str:
        room = max(0, min(longest, self.left))
        self.left -= min(len(text), room)
        return text if len(text) <= room else text[:room] + _CUT


def _group(node: ir.Predicate) -> Label | None:
    """The words of a condition that is made of others; none where it is said in one breath."""
    match node:
        case ir.Not(ir.And() | ir.Or() | ir.Either()):
            return _NOT
        case ir.And():
            return _ALL
        case ir.Or():
            return _ANY
        case ir.Either():
            return _IF
        case _:
            return None


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case list() | tuple():
            return [_plain(one) for one in value[:_SHOWN_VALUES]]
        case _:
            return value
