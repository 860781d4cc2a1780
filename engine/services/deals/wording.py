"""What our people read about a deal: the words of its pipeline, or our own where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from engine.local_time import Span
from engine.pipelines import StageModel
from engine.rendering import RenderFailed, render_text
from engine.rules import Facts
from engine.steps.span_words import span_words
from engine.steps.words import Words

Moment: TypeAlias = Literal["enter", "exit", "alert", "rot"]
_LONGEST: Final = 300


def written(
    texts: Mapping[str, str], facts: Facts, zone: str, instead: Words
) -> tuple[Words, Words]:
    """Title and body. A text that cannot be written for this deal gives way to our own words."""
    title = _both(texts.get("title"), texts.get("title_zh"), facts, zone)
    body = _both(texts.get("body"), texts.get("body_zh"), facts, zone)
    return title or instead, body or Words("", "")


def _both(text: str | None, text_zh: str | None, facts: Facts, zone: str) -> Words | None:
    if text is None and text_zh is None:
        return None
    try:
        en = render_text(text or text_zh or "", facts, language="en", zone=zone)
        zh = render_text(text_zh or text or "", facts, language="zh", zone=zone)
    except RenderFailed:
        return None
    return Words(en[:_LONGEST], zh[:_LONGEST]) if en.strip() and zh.strip() else None


def own_words(moment: Moment, deal: str, stage: StageModel, span: Span | None) -> Words:
    """What happened, in a sentence."""
    name, zh = stage.title, stage.label_zh or stage.title
    length = span_words(span) if span is not None else Words("", "")
    match moment:
        case "enter":
            return Words(f"{deal} is on {name} now", f"{deal} 已进入“{zh}”")
        case "exit":
            return Words(f"{deal} has left {name}", f"{deal} 已离开“{zh}”")
        case "alert":
            return Words(
                f"{deal} has been on {name} for {length.en}",
                f"{deal} 已在“{zh}”停留 {length.zh}",
            )
        case "rot":
            return Words(
                f"Nothing has happened on {deal} for {length.en}",
                f"{deal} 已 {length.zh}没有任何活动",
            )
