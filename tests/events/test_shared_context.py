"""What a batch says once for all its items: looked at like an item, and small."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import Refused
from engine.services.events import Reader, parse
from engine.services.events.reading import MOST_SHARED_BYTES

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
TRACK = {"type": "track", "userId": "ada", "event": "A"}


def read(context: Any) -> Any:
    return Reader("site", NOW).batch({"batch": [TRACK, TRACK], "context": context})


def test_a_context_of_the_batch_is_kept_with_each_item() -> None:
    items, refused = read({"page": {"path": "/a"}})
    assert not refused
    assert [item.properties["context"] for item in items] == [{"page": {"path": "/a"}}] * 2


@pytest.mark.parametrize(
    ("context", "code"),
    [
        ({"page": "x" * MOST_SHARED_BYTES}, "too_large"),
        ({"page": "a\0b"}, "not_storable"),
        (parse(b'{"page": "\\ud800"}'), "not_storable"),
        (parse(b'{"page": NaN}'), "not_storable"),
    ],
)
def test_a_context_that_cannot_be_kept_refuses_the_batch(context: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(context)
    assert [(one.place, one.code) for one in refused.value.problems] == [("/context", code)]
