"""From bytes to JSON values, so that one broken item does not hide the others."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import orjson

from engine.errors import Refused


class NotStorable:
    """Stands for a number that no database holds (NaN, 1e400): its item will be refused."""


_NOT_STORABLE: Final = NotStorable()


def parse(raw: bytes) -> Any:
    """The JSON value of a body, whatever its content type said. Raises Refused.

    The strict parser is many times faster but gives up on the whole body for half a surrogate pair,
    a byte that is not UTF-8 or a NaN; then the lenient one reads it, and the items are looked at
    one by one.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _leniently(raw)


def _leniently(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode("utf-8-sig", "surrogateescape"),
            parse_constant=lambda _: _NOT_STORABLE,
            parse_float=_float,
        )
    # Nesting raises RecursionError, and an integer of thousands of digits a plain ValueError.
    except (ValueError, RecursionError) as error:
        raise Refused("The body is not JSON. Send one JSON object in UTF-8.") from error


def _float(text: str) -> float | NotStorable:
    number = float(text)
    return number if math.isfinite(number) else _NOT_STORABLE
