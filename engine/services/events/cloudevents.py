"""CloudEvents 1.0 as events of contacts: structured, binary and batched. Pure.

The person is named by the extension attributes `userid`, `anonymousid` and `email`, else by what
the data calls so, else by `subject`. Its id is only unique together with its source, so both make
the message id.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

import orjson

from engine.errors import Refused
from engine.services.events.body import parse
from engine.services.events.calls import LONGEST_NAME, Malformed

STRUCTURED: Final = "application/cloudevents+json"
BATCHED: Final = "application/cloudevents-batch+json"
_JSON: Final = re.compile(r"(application/json|text/json|[a-z]+/[a-z0-9.+-]*\+json)")
_REQUIRED: Final = ("id", "source", "type")
_DATA_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "userId": ("userId", "user_id", "userid"),
    "anonymousId": ("anonymousId", "anonymous_id", "anonymousid"),
    "email": ("email",),
}


def events_of(content_type: str, headers: Mapping[str, str], body: bytes) -> list[Any]:
    """The events of a request, each as a structured one. Raises Refused when it has none."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == BATCHED:
        found = parse(body)
        if not isinstance(found, list):
            raise Refused("A batch of CloudEvents is a JSON list.")
        return found
    if kind == STRUCTURED:
        return [parse(body)]
    if "ce-specversion" in headers or "ce-id" in headers:
        return [_from_headers(kind, headers, body)]
    raise Refused(
        f"Send one event as {STRUCTURED}, several as {BATCHED}, or one with its attributes in "
        "ce- headers."
    )


def call_of(event: object) -> dict[str, Any]:
    """The track call that the reader takes. Raises Malformed."""
    if not isinstance(event, dict):
        raise Malformed("not_an_object", "a CloudEvent is a JSON object")
    if event.get("specversion") != "1.0":
        raise Malformed("bad_specversion", '"specversion" is "1.0"')
    for name in _REQUIRED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise Malformed("missing_attribute", f'"{name}" is a text that is not empty')
    data = _data(event)
    properties = dict(data) if isinstance(data, dict) else {}
    if not isinstance(data, dict) and data is not None:
        properties["data"] = data
    attributes = {name: event[name] for name in ("source", "subject") if event.get(name)}
    properties.setdefault("cloudevent", attributes)
    call: dict[str, Any] = {
        "type": "track",
        "event": event["type"],
        "messageId": _message_id(event["source"], event["id"]),
        "timestamp": event.get("time"),
        "properties": properties,
    }
    return call | _who(event, data)


def _who(event: Mapping[str, Any], data: object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for ours, theirs in _DATA_IDS.items():
        said = event.get(ours.lower())
        if said is None and isinstance(data, dict):
            said = next((data[name] for name in theirs if data.get(name) is not None), None)
        if said is not None:
            found[ours] = said
    if not found and isinstance(subject := event.get("subject"), str) and subject:
        return {"email": subject} if "@" in subject else {"userId": subject}
    return found


def _data(event: Mapping[str, Any]) -> Any:
    encoded = event.get("data_base64")
    if not isinstance(encoded, str):
        return event.get("data")
    try:
        raw = b64decode(encoded, validate=True)
    except binascii.Error:
        raise Malformed("bad_data", '"data_base64" is not base64') from None
    kind = str(event.get("datacontenttype") or "application/json").partition(";")[0].strip().lower()
    if not _JSON.fullmatch(kind):
        return encoded
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Malformed("bad_data", '"data_base64" does not hold JSON') from None


def _from_headers(kind: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    event: dict[str, Any] = {
        name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")
    }
    if kind:
        event["datacontenttype"] = kind
    if not body:
        return event
    if not kind or _JSON.fullmatch(kind):
        event["data"] = parse(body)
    else:
        event["data"] = body.decode("utf-8", "replace")
    return event


def _message_id(source: str, identity: str) -> str:
    plain = f"{source}#{identity}"
    if len(plain) <= LONGEST_NAME:
        return plain
    return f"ce-{hashlib.sha256(plain.encode('utf-8', 'replace')).hexdigest()}"
