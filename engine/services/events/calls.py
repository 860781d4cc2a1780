"""The six calls of Segment's clients: what each must have, and the item it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from engine.services.events.items import EVENT_NAMES, KINDS, Item, ItemKind
from engine.services.field_values import ValueRefused, email

# Segment's clients name things in far less; an index entry of PostgreSQL holds four times this.
LONGEST_NAME: Final = 255


CONTEXT_KEPT: Final = ("campaign", "page", "referrer", "locale", "timezone")


class Malformed(Exception):
    """Why an item is refused, as its remark will say."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Common:
    """What every call may say."""

    source: str
    index: int
    message_id: str
    occurred_at: datetime
    user_id: str | None
    anonymous_id: str | None
    context: Mapping[str, Any]
    hints: Mapping[str, Any]
    # an address given beside the ids, as no client of Segment's does and CloudEvents may
    email: object = None


def _track(raw: Mapping[str, Any], kind: ItemKind, common: Common) -> Item:
    properties = _with_context(_object(raw, "properties"), common)
    return _item(common, kind, _name(raw.get("event")), properties=properties)


def _page_or_screen(raw: Mapping[str, Any], kind: ItemKind, common: Common) -> Item:
    properties = _object(raw, "properties")
    for key in ("name", "category"):
        if isinstance(raw.get(key), str):
            properties.setdefault(key, raw[key])
    _with_context(properties, common)
    return _item(common, kind, EVENT_NAMES[kind], properties=properties)


def _identify(raw: Mapping[str, Any], kind: ItemKind, common: Common) -> Item:
    traits = _object(raw, "traits")
    # RudderStack's clients put them here
    if isinstance(told := common.context.get("traits"), dict):
        traits = {**told, **traits}
    return _item(common, kind, EVENT_NAMES[kind], traits=traits, properties=traits)


def _group(raw: Mapping[str, Any], kind: ItemKind, common: Common) -> Item:
    group_id = id_in(raw, "groupId")
    if group_id is None:
        raise Malformed("no_group", 'a group call names its account in "groupId"')
    traits = _object(raw, "traits")
    properties = {**traits, "group_id": group_id}
    return _item(common, kind, EVENT_NAMES[kind], group_id, traits=traits, properties=properties)


def _alias(raw: Mapping[str, Any], kind: ItemKind, common: Common) -> Item:
    previous_id = id_in(raw, "previousId")
    if previous_id is None or common.user_id is None:
        raise Malformed("no_identity", 'an alias call has "previousId" and "userId"')
    properties = {"previous_id": previous_id}
    return _item(common, kind, EVENT_NAMES[kind], previous_id=previous_id, properties=properties)


READERS: Final = {
    "track": _track,
    "identify": _identify,
    "page": _page_or_screen,
    "screen": _page_or_screen,
    "group": _group,
    "alias": _alias,
}


def _item(
    common: Common,
    kind: ItemKind,
    name: str,
    group_id: str | None = None,
    *,
    previous_id: str | None = None,
    traits: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any],
) -> Item:
    given = traits.get("email") if traits and kind == "identify" else None
    address = _address(given) or _address(common.email)
    guess = None if address is not None else _address(common.user_id)
    if common.user_id is None and common.anonymous_id is None and address is None:
        raise Malformed(
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
        common.hints,
    )


def _with_context(properties: dict[str, Any], common: Common) -> dict[str, Any]:
    """What of the circumstances a rule may ask for: where from and by which campaign. Addresses,
    devices and programs are not kept."""
    kept = {name: common.context[name] for name in CONTEXT_KEPT if common.context.get(name)}
    if kept:
        properties.setdefault("context", kept)
    return properties


def _address(value: object) -> str | None:
    """The e-mail address, if this is one; cheap for the many ids that are not."""
    if not isinstance(value, str) or "@" not in value:
        return None
    try:
        return email(value)
    except ValueRefused:
        return None


def kind_of(value: object) -> ItemKind:
    if isinstance(value, str) and value in KINDS:
        return cast("ItemKind", value)
    raise Malformed("unknown_type", f'"type" is one of {", ".join(sorted(KINDS))}')


def _name(value: object) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name or len(name) > LONGEST_NAME:
        raise Malformed("no_name", f'"event" is a name of 1 to {LONGEST_NAME} characters')
    return name


def id_in(raw: Mapping[str, Any], key: str) -> str | None:
    """Text or a number; null and the empty text mean that there is none."""
    value = raw.get(key)
    if value is None or value == "":
        return None
    # nearly every id is this
    if value.__class__ is str and len(value) <= LONGEST_NAME:
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Malformed("bad_id", f'"{key}" is text or a number')
    text = str(value)
    if len(text) > LONGEST_NAME:
        raise Malformed("bad_id", f'"{key}" has at most {LONGEST_NAME} characters')
    return text


def _object(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed("not_an_object", f'"{key}" is a JSON object')
    return dict(value)
