"""A difference in lines that people read, with rules in words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.flows.diff.differences import MISSING, Difference, Fate, FlowDiff, NodeDiff
from engine.flows.dump import dump_flow
from engine.flows.model import Flow, StepKind
from engine.flows.problems import Path
from engine.flows.words import Words
from engine.rules import Catalogue, Language, RuleRefused, parse
from engine.rules.wording import describe

_FATES: Final[Mapping[Fate, Words]] = {
    Fate.SAME: Words("unchanged", "未改动"),
    Fate.CHANGED: Words("changed", "已改动"),
    Fate.MOVED: Words("renamed", "已改名"),
    Fate.ADDED: Words("added", "新增"),
    Fate.REMOVED: Words("removed", "已删除"),
}
_NOTHING: Final = Words("nothing", "无")
_LEADS_TO: Final = Words('exit "{}"', "出口“{}”")
# As the keys of a flow file say it.
_WRITTEN_KEYS: Final = {"holdout_percent": "holdout"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs: where, what it was, what it is. Both are empty for a heading."""

    node: str | None
    what: str
    before: str = ""
    after: str = ""


def fate_words(fate: Fate, language: Language) -> str:
    return _FATES[fate].in_language(language)


def listed(diff: FlowDiff, catalogue: Catalogue, language: Language) -> Iterator[Line]:
    """What concerns the flow first, then node by node; a node's first line is its heading."""
    for one in diff.about:
        yield _line(None, _place(one.path), one, catalogue, language)
    for node in diff.changed:
        yield Line(node.name, _heading(node, language))
        for one in node.settings:
            yield _line(node.name, _place(one.path), one, catalogue, language)
        for one in node.exits:
            place = _LEADS_TO.in_language(language).format(one.path[0])
            yield _line(node.name, place, one, catalogue, language)


def text_diff(old: Flow, new: Flow, names: tuple[str, str], kinds: Mapping[str, StepKind]) -> str:
    """A unified diff of both flows as Cadenza writes them; empty when they are alike."""
    before = dump_flow(old, kinds=kinds).splitlines(keepends=True)
    after = dump_flow(new, kinds=kinds).splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, *names))


def _heading(node: NodeDiff, language: Language) -> str:
    fate = fate_words(node.fate, language)
    if node.fate is Fate.MOVED:
        return f"{fate}: {node.was} → {node.name} ({node.kind})"
    if node.was_kind is not None and node.was_kind != node.kind:
        return f"{fate}: {node.name} ({node.was_kind} → {node.kind})"
    return f"{fate}: {node.name} ({node.kind})"


def _line(
    node: str | None, what: str, one: Difference, catalogue: Catalogue, language: Language
) -> Line:
    before, after = (said(side, one, catalogue, language) for side in (one.before, one.after))
    return Line(node, what, before, after)


def said(value: Any, one: Difference, catalogue: Catalogue, language: Language) -> str:
    """One side in words; a rule that this catalogue does not understand as it is written."""
    if value is MISSING or value is None:
        return _NOTHING.in_language(language)
    if one.is_rule:
        try:
            rule = parse(value, catalogue, event_rule=one.reads_event)
        except RuleRefused:
            return _written(value)
        return describe(rule.root, language, catalogue)
    return value if isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _place(path: Path) -> str:
    """ "cases/1/when" with cases counted from 1, as people do."""
    parts = [str(part + 1) if isinstance(part, int) else part for part in path]
    return "/".join([_WRITTEN_KEYS.get(parts[0], parts[0]), *parts[1:]])
