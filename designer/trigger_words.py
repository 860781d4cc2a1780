"""What lets people into a flow, in words."""

from __future__ import annotations

from designer.i18n import Translator
from engine.flows.model import EntryPolicy, Flow, SegmentMove, TriggerKind
from engine.local_time import SpanRefused, parse_span
from engine.steps.span_words import span_words


def trigger_words(flow: Flow, t: Translator) -> tuple[str, str]:
    """What lets people in, and how often the same person may come."""
    match flow.trigger.on:
        case TriggerKind.EVENT:
            what = t("“{event}” happens", event=flow.trigger.event or "")
        case TriggerKind.SEGMENT if flow.trigger.segment is not None:
            what = _segment_words(flow.trigger.segment, flow.trigger.move, t)
        case TriggerKind.SEGMENT:
            what = t("Everybody who matches a rule")
        case _:
            what = t("Added by hand or by the API")
    return what, entry_words(flow, t)


def _segment_words(segment: str, move: SegmentMove | None, t: Translator) -> str:
    if move is SegmentMove.LEFT:
        return t("Leaves the segment “{segment}”", segment=segment)
    return t("Enters the segment “{segment}”", segment=segment)


def entry_words(flow: Flow, t: Translator) -> str:
    match flow.entry.policy:
        case EntryPolicy.ONCE:
            return t("Each person once")
        case EntryPolicy.ONCE_PER:
            return t("Once per “{property}”", property=flow.entry.by or "")
        case EntryPolicy.AFTER_EXIT:
            return t("Again after leaving")
        case EntryPolicy.EVERY:
            return t("Again after {span}", span=_span(flow.entry.by, t))
        case _:
            return t("Every time")


def _span(text: str | None, t: Translator) -> str:
    """ "P180D" as people say it; as it is written when it is no length of time."""
    try:
        return span_words(parse_span(text or "")).in_language(t.short)
    except SpanRefused:
        return text or ""
