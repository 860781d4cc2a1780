"""Reading the calls of Segment's clients: shape, size and text, item by item."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import orjson

from engine.errors import Problem, Refused
from engine.services.events.happened_at import clock_error, instant, repaired
from engine.services.events.items import EVENT_NAMES, KINDS, Item, ItemKind, Remark
from engine.services.field_values import ValueRefused, email

# Segment's own limits for an event, a batch, and the items of a batch.
LONGEST_NAME: Final = 255
MOST_ITEMS: Final = 2_500


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads requests of one source at one moment. `max_item_bytes` counts compact JSON."""

    source: str
    now: datetime
    max_item_bytes: int = 32_768

    def single(self, body: object, kind: ItemKind) -> tuple[list[Item], list[Remark]]:
        """The body of `/v1/<kind>`: the item itself."""
        sent_at = body.get("sentAt") if isinstance(body, dict) else None
        return self._each([body], kind, clock_error(sent_at, self.now))

    def batch(self, body: object) -> tuple[list[Item], list[Remark]]:
        """The body of `/v1/batch`. Raises Refused when there is no list to look at."""
        items = body.get("batch") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(items, list):
            raise Refused(
                "The batch was not accepted.",
                [Problem("/batch", "missing", 'send an object with a list named "batch"')],
            )
        if len(items) > MOST_ITEMS:
            raise Refused(
                "The batch was not accepted.",
                [Problem("/batch", "too_many", f"send at most {MOST_ITEMS} items at a time")],
            )
        return self._each(items, None, clock_error(body.get("sentAt"), self.now))

    def _each(
        self, raw: list[Any], kind: ItemKind | None, error: timedelta
    ) -> tuple[list[Item], list[Remark]]:
        items: list[Item] = []
        refused: list[Remark] = []
        for index, one in enumerate(raw):
            try:
                items.append(self._item(index, one, kind, error))
            except _Malformed as problem:
                refused.append(Remark(index, problem.code, problem.message))
        return items, refused

    def _item(self, index: int, raw: object, kind: ItemKind | None, error: timedelta) -> Item:
        if not isinstance(raw, dict):
            raise _Malformed("not_an_object", "an item is a JSON object")
        self._check_text_and_size(raw)
        kind = kind or _kind(raw.get("type"))
        common = _Common(
            source=self.source,
            index=index,
            message_id=_id(raw, "messageId") or str(uuid.uuid4()),
            occurred_at=self._occurred_at(raw, error or clock_error(raw.get("sentAt"), self.now)),
            user_id=_id(raw, "userId"),
            anonymous_id=_id(raw, "anonymousId"),
        )
        return _READERS[kind](raw, kind, common)

    def _check_text_and_size(self, raw: dict[str, Any]) -> None:
        try:
            compact = orjson.dumps(raw)
        except TypeError as problem:
            raise _Malformed(
                "not_storable",
                "the item holds text that is not Unicode, a number beyond 64 bits or nesting "
                "deeper than 250",
            ) from problem
        if len(compact) > self.max_item_bytes:
            raise _Malformed("too_large", f"an item has at most {self.max_item_bytes} bytes")
        if b"\\u0000" in compact and _holds_nul(raw):
            raise _Malformed("not_storable", "the item holds the character NUL")

    def _occurred_at(self, raw: Mapping[str, Any], error: timedelta) -> datetime:
        stamped = raw.get("timestamp") or raw.get("originalTimestamp")
        if stamped is None:
            return self.now
        parsed = instant(stamped)
        moment = None if parsed is None else repaired(parsed, error, self.now)
        if moment is None:
            raise _Malformed("bad_timestamp", '"timestamp" is an ISO 8601 time from 1970 on')
        return moment


class _Malformed(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class _Common:
    source: str
    index: int
    message_id: str
    occurred_at: datetime
    user_id: str | None
    anonymous_id: str | None


def _track(raw: Mapping[str, Any], kind: ItemKind, common: _Common) -> Item:
    return _item(common, kind, _name(raw.get("event")), properties=_object(raw, "properties"))


def _page_or_screen(raw: Mapping[str, Any], kind: ItemKind, common: _Common) -> Item:
    properties = _object(raw, "properties")
    for key in ("name", "category"):
        if isinstance(raw.get(key), str):
            properties.setdefault(key, raw[key])
    return _item(common, kind, EVENT_NAMES[kind], properties=properties)


def _identify(raw: Mapping[str, Any], kind: ItemKind, common: _Common) -> Item:
    traits = _object(raw, "traits")
    return _item(common, kind, EVENT_NAMES[kind], traits=traits, properties=traits)


def _group(raw: Mapping[str, Any], kind: ItemKind, common: _Common) -> Item:
    group_id = _id(raw, "groupId")
    if group_id is None:
        raise _Malformed("no_group", 'a group call names its account in "groupId"')
    traits = _object(raw, "traits")
    properties = {**traits, "group_id": group_id}
    return _item(common, kind, EVENT_NAMES[kind], group_id, traits=traits, properties=properties)


def _alias(raw: Mapping[str, Any], kind: ItemKind, common: _Common) -> Item:
    previous_id = _id(raw, "previousId")
    if previous_id is None or common.user_id is None:
        raise _Malformed("no_identity", 'an alias call has "previousId" and "userId"')
    properties = {"previous_id": previous_id}
    return _item(common, kind, EVENT_NAMES[kind], previous_id=previous_id, properties=properties)


_READERS: Final = {
    "track": _track,
    "identify": _identify,
    "page": _page_or_screen,
    "screen": _page_or_screen,
    "group": _group,
    "alias": _alias,
}


def _item(
    common: _Common,
    kind: ItemKind,
    name: str,
    group_id: str | None = None,
    *,
    previous_id: str | None = None,
    traits: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any],
) -> Item:
    given = traits.get("email") if traits and kind == "identify" else None
    address = _address(given)
    guess = None if address is not None else _address(common.user_id)
    if common.user_id is None and common.anonymous_id is None and address is None:
        raise _Malformed(
            "no_identity", 'name the person: "userId", "anonymousId" or, in identify, an e-mail'
        )
    return Item(
        common.source,
        common.index,
        kind,
        common.message_id,
        name,
        common.occurred_at,
        common.user_id,
        common.anonymous_id,
        address or guess,
        guess is not None,
        previous_id,
        group_id,
        traits or {},
        properties,
    )


def _address(value: object) -> str | None:
    """The e-mail address, if this is one; cheap for the many ids that are not."""
    if not isinstance(value, str) or "@" not in value:
        return None
    try:
        return email(value)
    except ValueRefused:
        return None


def _kind(value: object) -> ItemKind:
    if isinstance(value, str) and value in KINDS:
        return cast("ItemKind", value)
    raise _Malformed("unknown_type", f'"type" is one of {", ".join(sorted(KINDS))}')


def _name(value: object) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name or len(name) > LONGEST_NAME:
        raise _Malformed("no_name", f'"event" is a name of 1 to {LONGEST_NAME} characters')
    return name


def _id(raw: Mapping[str, Any], key: str) -> str | None:
    """Text or a number; null and the empty text mean that there is none."""
    value = raw.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Malformed("bad_id", f'"{key}" is text or a number')
    text = str(value)
    if len(text) > LONGEST_NAME:
        raise _Malformed("bad_id", f'"{key}" has at most {LONGEST_NAME} characters')
    return text


def _object(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Malformed("not_an_object", f'"{key}" is a JSON object')
    return dict(value)


def _holds_nul(value: object) -> bool:
    """An escaped backslash before `u0000` looks the same in JSON, hence this second look."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                return True
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return False
