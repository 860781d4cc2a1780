"""Lists come in pages; a cursor is where the next one begins.

A cursor is the sort key of the last item, so a page is one walk along an index wherever it is, and
what comes or goes meanwhile neither repeats an item nor leaves one out.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, TypeVar

import orjson
from fastapi import Query

from engine.errors import Problem, Refused

MOST_ITEMS: Final = 200
_LONGEST: Final = 600

Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="How many items a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=_LONGEST,
        description="`next` of the page before; without it the first page.",
    ),
]

T = TypeVar("T")


def cursor_of(*key: str | int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """The key in a cursor of ours; raises Refused for any other text."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        key = None
    if (
        not isinstance(key, list)
        or len(key) != len(kinds)
        or any(type(part) is not kind for part, kind in zip(key, kinds, strict=True))
        or any(isinstance(part, str) and not part.isprintable() for part in key)
        or any(isinstance(part, int) and not 0 <= part < 2**63 for part in key)
    ):
        problem = Problem("?cursor", "bad_cursor", 'send the "next" of a page, unchanged')
        raise Refused("The cursor is none of ours.", [problem])
    return key
