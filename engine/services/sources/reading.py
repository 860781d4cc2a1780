"""From a document and a mapping to one event of a contact. Pure."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.errors import Problem
from engine.flows.triggers.webhook import WEBHOOK_RECEIVED
from engine.services.events.calls import LONGEST_NAME
from engine.services.events.happened_at import EARLIEST
from engine.services.events.items import Item
from engine.services.events.reading import holds_nul
from engine.services.field_values import ValueRefused, email, instant
from engine.services.sources.mapping import Mapping, Value, Values, values_of

_BAD_ID: Final = f"an id is a text or number of at most {LONGEST_NAME} characters"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document comes from: its source, the id of its message, and when it came."""

    source: str
    identity: str
    received_at: datetime
    index: int = 0


def read_document(
    mapping: Mapping, document: Any, origin: Origin
) -> tuple[Item | None, list[Problem]]:
    """The event, or everything that keeps it from being one. With an event, the problems are of
    parts that were left out."""
    if not isinstance(document, dict):
        return None, [Problem("", "not_an_object", "send one JSON object")]
    found = values_of(mapping, document)
    fatal: list[Problem] = []
    if holds_nul(document):
        fatal.append(Problem("", "not_storable", "the document holds the character NUL"))
    # only these decide whether there is an event at all; others are parts of it
    wanted = {
        value.place
        for value in (mapping.event, mapping.occurred_at, *mapping.contact.values())
        if value is not None
    }
    fatal += [one for one in found.problems if one.place in wanted]
    left_out = [one for one in found.problems if one.place not in wanted]
    name = _name(mapping.event, found, fatal)
    occurred_at = _occurred_at(mapping.occurred_at, found, origin.received_at, fatal)
    ids = {
        key: _identity(key, value, found.contact.get(key), fatal)
        for key, value in mapping.contact.items()
    }
    if not any(ids.values()) and not fatal:
        places = ", ".join(one.path or "a constant" for one in mapping.contact.values())
        fatal.append(Problem("", "no_identity", f"nobody is named at {places}"))
    if fatal:
        return None, [*fatal, *left_out]
    return _item(name, occurred_at, ids, found, origin), left_out


def _item(
    name: str,
    occurred_at: datetime,
    ids: ReadOnly[str, str | None],
    found: Values,
    origin: Origin,
) -> Item:
    own = found.message_id
    is_id = isinstance(own, str | int) and not isinstance(own, bool) and 0 < len(str(own)) <= 255
    fields: dict[str, Any] = {}
    for key, value in found.fields.items():
        fields[key.removeprefix("custom.")] = value
    return Item(
        source=origin.source,
        index=origin.index,
        kind="hook",
        message_id=str(own) if is_id else origin.identity,
        name=name,
        occurred_at=occurred_at,
        user_id=ids.get("user_id"),
        anonymous_id=ids.get("anonymous_id"),
        address=ids.get("email"),
        traits=fields,
        properties=found.properties,
    )


def _name(value: Value | None, found: Values, problems: list[Problem]) -> str:
    if value is None:
        return WEBHOOK_RECEIVED
    name = found.event.strip() if isinstance(found.event, str) else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"the event's name is a text of 1 to {LONGEST_NAME} characters"
        problems.append(Problem(value.place, "no_name", message))
    return name


def _occurred_at(
    value: Value | None, found: Values, received_at: datetime, problems: list[Problem]
) -> datetime:
    """Its arrival when nothing stands there; never later than that."""
    if value is None or found.occurred_at in (None, ""):
        return received_at
    try:
        moment = min(instant(found.occurred_at), received_at)
    except ValueRefused as refusal:
        problems.append(Problem(value.place, refusal.code, refusal.message))
        return received_at
    if moment < EARLIEST:
        problems.append(Problem(value.place, "bad_timestamp", "the time lies before 1970"))
    return moment


def _identity(key: str, value: Value, found: Any, problems: list[Problem]) -> str | None:
    if found is None or found == "":
        return None
    if key == "email":
        try:
            return email(found)
        except ValueRefused as refusal:
            problems.append(Problem(value.place, refusal.code, refusal.message))
            return None
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not text or len(text) > LONGEST_NAME:
        problems.append(Problem(value.place, "bad_id", _BAD_ID))
        return None
    return text
