"""What lets people into a flow, in words."""

from __future__ import annotations

from designer.i18n import Translator
from engine.flows.model import Entry, EntryPolicy, Flow
from engine.local_time import SpanRefused, parse_span
from engine.steps.span_words import span_words


def trigger_words(flow: Flow, t: Translator) -> tuple[str, str]:
    """What lets people in, and how often the same person may come."""
    return flow.trigger.summary().in_language(t.short), entry_words(flow, t)


def entry_words(flow: Flow, t: Translator) -> str:
    return policy_words(flow.entry, t)


def policy_words(entry: Entry, t: Translator) -> str:
    match entry.policy:
        case EntryPolicy.ONCE:
            return t("Each person once")
        case EntryPolicy.ONCE_PER:
            return t("Once per “{property}”", property=entry.by or "")
        case EntryPolicy.AFTER_EXIT:
            return t("Again after leaving")
        case EntryPolicy.EVERY:
            return t("Again after {span}", span=_span(entry.by, t))
        case _:
            return t("Every time")


def _span(text: str | None, t: Translator) -> str:
    """ "P180D" as people say it; as it is written when it is no length of time."""
    try:
        return span_words(parse_span(text or "")).in_language(t.short)
    except SpanRefused:
        return text or ""
