"""The conditions of a rule as a tree of lines, with what each one read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.rules import Catalogue, Explained, Label, Language, ir
from engine.rules.wording import describe, readings_as_json

_YES, _NO = "✓", "✗"
_GROUPS: Final = {
    ir.And: Label("all of", "全部满足"),
    ir.Or: Label("any of", "任一满足"),
    ir.Not: Label("not", "并非"),
    ir.Either: Label("if the first: the second, else the third", "若第一项则第二项，否则第三项"),
}
_ABSENT: Final = Label("absent", "无值")
_AMONG: Final = Label("{} of {}", "{1} 个中的 {0} 个")


def tree_lines(
    tree: Explained, language: Language, catalogue: Catalogue, indent: str = ""
) -> Iterator[str]:
    mark = _YES if tree.truth else _NO
    group = _GROUPS.get(type(tree.node))
    if group is None:
        yield f"{indent}{mark} {describe(tree.node, language, catalogue)}"
        yield from (f"{indent}    {line}" for line in _readings(tree, language, catalogue))
        return
    yield f"{indent}{mark} {group.in_language(language)}"
    for child in tree.children:
        yield from tree_lines(child, language, catalogue, f"{indent}  ")


def _readings(tree: Explained, language: Language, catalogue: Catalogue) -> Iterator[str]:
    for reading in readings_as_json(tree, catalogue):
        value = reading["value"]
        shown = _ABSENT.in_language(language) if value is None else str(value)
        if "among" in reading:
            shown = _AMONG.in_language(language).format(value, reading["among"])
        yield f"{reading['label'][language]} = {shown}"
