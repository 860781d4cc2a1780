"""Why a rule held or did not, as a sentence and as JSON for the run's journal."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.rules import ir
from engine.rules.explain import Explained, Reading
from engine.rules.facts import Catalogue
from engine.rules.types import Language
from engine.rules.wording.because import because
from engine.rules.wording.describe import nouns_of, phrase
from engine.rules.wording.nouns import Nouns

_SHOWN_VALUES = 20


def sentence(tree: Explained, language: Language, catalogue: Catalogue, zone: str = "UTC") -> str:
    """One sentence that names the conditions that decided, with the values they read; times are
    those of `zone`.
    """
    return because(tree, language, catalogue, zone)


def as_json(tree: Explained, catalogue: Catalogue) -> dict[str, Any]:
    """The whole tree in JSON types: truth, words in both languages, values read, parts."""
    english, chinese = nouns_of(catalogue, "en"), nouns_of(catalogue, "zh")
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
