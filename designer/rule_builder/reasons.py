"""Why a rule holds for one contact or does not: each condition with what it read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from designer.visitor import Visitor
from designer.widgets import anchor, block, chip, icon, words
from engine.services.rules import Explanation


def reason_tree(found: Explanation, visitor: Visitor) -> None:
    """The verdict in a sentence, and the tree it comes from."""
    t = visitor.t
    with block("rb-why").mark("rule-reasons"):
        with block("cz-row"):
            anchor(f"/contacts/{found.contact_id}", found.name or f"#{found.contact_id}")
            if found.holds:
                chip(t("It holds"), "good")
            else:
                chip(t("It does not hold"), "plain")
        words(found.sentences[t.short], "cz-small", tag="p")
        tree(found.tree, visitor)


def tree(condition: Mapping[str, Any], visitor: Visitor) -> None:
    """One condition and those it is made of. Texts are data: they are shown as they are."""
    with block("rb-reasons", tag="ul"):
        _branch(condition, visitor)


def _branch(condition: Mapping[str, Any], visitor: Visitor) -> None:
    t = visitor.t
    truth = bool(condition["truth"])
    with block("rb-reason is-true" if truth else "rb-reason is-false", tag="li"):
        with block("rb-reason__line"):
            icon("check_circle" if truth else "cancel", "18px")
            with block("cz-grow"):
                words(t("true") if truth else t("not true"), "visually-hidden")
                words(str(condition["text"][t.short]), tag="div")
                for read in condition["reads"]:
                    words(_read(read, visitor), "cz-soft cz-small", tag="div")
        if condition["children"]:
            with block("rb-reasons", tag="ul"):
                for child in condition["children"]:
                    _branch(child, visitor)


def _read(read: Mapping[str, Any], visitor: Visitor) -> str:
    t, value = visitor.t, read.get("value")
    name = str(read["label"][t.short])
    if value is None:
        return t("{name}: unknown", name=name)
    if read.get("among") is not None:
        return t("{name}: {count} of {all} match", name=name, count=value, all=read["among"])
    shown = ", ".join(map(str, value)) if isinstance(value, list) else _shown(value, visitor)
    return t("{name}: {value}", name=name, value=shown)


def _shown(value: Any, visitor: Visitor) -> str:
    """A value on the reader's wall clock, where it is a time."""
    if isinstance(value, str) and len(value) > len("2026-03-01T00:00"):
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return value
        return visitor.formats.moment(instant) if instant.tzinfo else value
    if isinstance(value, bool):
        return visitor.t("yes") if value else visitor.t("no")
    return visitor.formats.number(value) if isinstance(value, int | float) else str(value)
