"""Reading what Segment's clients send: size, text and time of each item, whatever it says."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from engine.errors import Problem, Refused
from engine.services.events.calls import READERS, Common, Malformed, id_in, kind_of
from engine.services.events.happened_at import NO_ERROR, clock_error, instant, repaired
from engine.services.events.items import Item, ItemKind, Remark

# Segment's own limit for the items of a batch.
MOST_ITEMS: Final = 2_500
# Said once for a whole batch and kept with each of its items, so it must be small.
MOST_SHARED_BYTES: Final = 8_192
_NO_HINTS: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads requests of one source at one moment. `max_item_bytes` counts compact JSON."""

    source: str
    now: datetime
    max_item_bytes: int = 32_768

    def single(self, body: object, kind: ItemKind) -> tuple[list[Item], list[Remark]]:
        """The body of `/v1/<kind>`: the item itself."""
        sent_at = body.get("sentAt") if isinstance(body, dict) else None
        return self._each([body], kind, clock_error(sent_at, self.now), None)

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
        context = body.get("context")
        if isinstance(context, dict):
            self._check_shared(context)
        error = clock_error(body.get("sentAt"), self.now)
        return self._each(items, None, error, context)

    def _each(
        self, raw: list[Any], kind: ItemKind | None, error: timedelta, context: object
    ) -> tuple[list[Item], list[Remark]]:
        items: list[Item] = []
        refused: list[Remark] = []
        for index, one in enumerate(raw):
            try:
                items.append(self._item(index, one, kind, error, context))
            except Malformed as problem:
                refused.append(Remark(index, problem.code, problem.message))
        return items, refused

    def _item(
        self, index: int, raw: object, kind: ItemKind | None, error: timedelta, shared: object
    ) -> Item:
        if not isinstance(raw, dict):
            raise Malformed("not_an_object", "an item is a JSON object")
        self._check_text_and_size(raw)
        kind = kind or kind_of(raw.get("type"))
        context = raw.get("context")
        if not isinstance(context, dict):
            context = {}
        if isinstance(shared, dict):
            context = {**shared, **context}
        common = Common(
            source=self.source,
            index=index,
            message_id=id_in(raw, "messageId") or str(uuid.uuid4()),
            occurred_at=self._occurred_at(raw, error or self._own_error(raw)),
            user_id=id_in(raw, "userId"),
            anonymous_id=id_in(raw, "anonymousId"),
            context=context,
            hints=_hints(context),
            email=raw.get("email"),
        )
        return READERS[kind](raw, kind, common)

    def _check_shared(self, context: dict[str, Any]) -> None:
        """Raises Refused: it belongs to every item, so none can be taken without it."""
        try:
            self._check_text_and_size(context, min(MOST_SHARED_BYTES, self.max_item_bytes))
        except Malformed as problem:
            wrong = Problem("/context", problem.code, problem.message)
            raise Refused("The batch was not accepted.", [wrong]) from problem

    def _check_text_and_size(self, raw: dict[str, Any], most: int | None = None) -> None:
        most = most or self.max_item_bytes
        try:
            compact = orjson.dumps(raw)
        except TypeError as problem:
            raise Malformed(
                "not_storable",
                "the item holds text that is not Unicode, a number beyond 64 bits or nesting "
                "deeper than 250",
            ) from problem
        if len(compact) > most:
            raise Malformed("too_large", f"an item has at most {most} bytes")
        if b"\\u0000" in compact and holds_nul(raw):
            raise Malformed("not_storable", "the item holds the character NUL")

    def _own_error(self, raw: Mapping[str, Any]) -> timedelta:
        """Of an item that was stamped by itself, which few are."""
        return clock_error(raw["sentAt"], self.now) if "sentAt" in raw else NO_ERROR

    def _occurred_at(self, raw: Mapping[str, Any], error: timedelta) -> datetime:
        stamped = raw.get("timestamp") or raw.get("originalTimestamp")
        if stamped is None:
            return self.now
        parsed = instant(stamped)
        moment = None if parsed is None else repaired(parsed, error, self.now)
        if moment is None:
            raise Malformed("bad_timestamp", '"timestamp" is an ISO 8601 time from 1970 on')
        return moment


def _hints(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Zone and language of whoever sits at a browser, for a contact of whom neither is known."""
    if "timezone" not in context and "locale" not in context:
        return _NO_HINTS
    return {name: context[name] for name in ("timezone", "locale") if context.get(name)}


def holds_nul(value: object) -> bool:
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
