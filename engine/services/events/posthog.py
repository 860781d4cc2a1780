"""PostHog's captures as the calls they mean. Pure: what a call may say is checked as always.

What its clients report about themselves (feature flags, recordings, every click) is no event of a
customer; it is answered and not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from engine.services.events.happened_at import instant

_NOT_KEPT: Final = frozenset(
    {
        *("$feature_flag_called", "$feature_view", "$feature_interaction", "$snapshot"),
        *("$autocapture", "$rageclick", "$dead_click", "$heatmap", "$pageleave", "$web_vitals"),
        *("$performance_event", "$opt_in", "$exception", "$ai_generation", "$csp_violation"),
    }
)
# A context of ours from the properties that its browser client sends with everything.
_PAGE: Final[Mapping[str, str]] = {
    "$current_url": "url",
    "$pathname": "path",
    "$referrer": "referrer",
    "title": "title",
}
_CAMPAIGN: Final[Mapping[str, str]] = {
    f"utm_{name}": name for name in ("source", "medium", "campaign", "term", "content")
}
# In milliseconds: a month.
_LONGEST_OFFSET: Final = 2_592_000_000


def key_of(body: object) -> str | None:
    """The write key: of the batch, or of the one capture."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return None
    properties = body.get("properties")
    inner = properties.get("token") if isinstance(properties, dict) else None
    found = body.get("api_key") or body.get("token") or inner
    return found if isinstance(found, str) else None


def captures_of(body: object) -> tuple[list[Any], object]:
    """What was captured, and when it was sent."""
    if isinstance(body, list):
        return body, None
    if not isinstance(body, dict):
        return [body], None
    sent_at = body.get("sent_at") or body.get("sentAt")
    items = body.get("batch")
    return (items, sent_at) if isinstance(items, list) else ([body], sent_at)


def call_of(capture: object, received_at: datetime) -> Any:
    """The call that it means, for the reader; None for what is not kept. What is no capture at all
    is returned as it is, and refused there."""
    if not isinstance(capture, dict):
        return capture
    event = capture.get("event")
    if isinstance(event, str) and event in _NOT_KEPT:
        return None
    given = capture.get("properties")
    properties: dict[str, Any] = given if isinstance(given, dict) else {}
    call: dict[str, Any] = {
        "messageId": capture.get("uuid") or properties.get("$insert_id"),
        "timestamp": _timestamp(capture, received_at),
        "context": _context(properties),
        **_who(capture, properties),
    }
    plain = {key: value for key, value in properties.items() if not key.startswith("$")}
    plain.pop("token", None)
    return call | _what(event, capture, properties, plain)


def _what(
    event: object, capture: Mapping[str, Any], properties: Mapping[str, Any], plain: dict[str, Any]
) -> dict[str, Any]:
    match event:
        case "$identify" | "$set":
            return {"type": "identify", "traits": _traits(capture, properties)}
        case "$create_alias":
            return {
                "type": "alias",
                "userId": properties.get("alias"),
                "previousId": properties.get("distinct_id") or capture.get("distinct_id"),
                "anonymousId": None,
            }
        case "$groupidentify":
            traits = properties.get("$group_set")
            return {
                "type": "group",
                "groupId": properties.get("$group_key"),
                "traits": traits if isinstance(traits, dict) else {},
            }
        case "$pageview":
            return {"type": "page", "properties": plain, "name": properties.get("title")}
        case "$screen":
            return {"type": "screen", "properties": plain, "name": properties.get("$screen_name")}
    return {"type": "track", "event": event, "properties": plain}


def _who(capture: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Its one id is a user's or a browser's; the browser client says which."""
    distinct = capture.get("distinct_id")
    if distinct is None:
        distinct = properties.get("distinct_id")
    device = properties.get("$anon_distinct_id") or properties.get("$device_id")
    anonymous = (
        properties.get("$is_identified") is False
        or properties.get("$process_person_profile") is False
        or (device is not None and distinct == device)
    )
    if anonymous and capture.get("event") != "$identify":
        return {"anonymousId": distinct}
    return {"userId": distinct, "anonymousId": device if device != distinct else None}


def _traits(capture: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    traits: dict[str, Any] = {}
    for name in ("$set_once", "$set"):
        for holder in (properties, capture):
            if isinstance(found := holder.get(name), dict):
                traits |= found
    return {key: value for key, value in traits.items() if not str(key).startswith("$")}


def _context(properties: Mapping[str, Any]) -> dict[str, Any]:
    page = {ours: properties[theirs] for theirs, ours in _PAGE.items() if properties.get(theirs)}
    campaign = {
        ours: properties[theirs] for theirs, ours in _CAMPAIGN.items() if properties.get(theirs)
    }
    context: dict[str, Any] = {"page": page, "campaign": campaign}
    if zone := properties.get("$timezone"):
        context["timezone"] = zone
    if language := properties.get("$browser_language"):
        context["locale"] = language
    return {name: value for name, value in context.items() if value}


def _timestamp(capture: Mapping[str, Any], received_at: datetime) -> Any:
    """`offset`: how many milliseconds before it was sent."""
    offset = capture.get("offset")
    if capture.get("timestamp") is None and isinstance(offset, int | float):
        # bounded before it is anything but a number: it may be of four hundred digits
        ago = timedelta(milliseconds=min(max(offset, 0), _LONGEST_OFFSET))
        return (received_at - ago).isoformat()
    stamp = capture.get("timestamp")
    # a client in Python writes an offset without a colon or none at all
    return stamp if instant(stamp) is not None or stamp is None else str(stamp)
