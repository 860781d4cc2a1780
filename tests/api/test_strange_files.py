"""A key on a body that is not what it seems."""

from __future__ import annotations

from engine.api.repeating import _spelled


def test_json_too_deep_to_be_written_again_is_taken_as_it_is() -> None:
    body = b"[" * 400 + b"]" * 400
    assert _spelled(body) == body


def test_members_in_another_order_say_the_same() -> None:
    assert _spelled(b'{"b": 1, "a": 2}') == _spelled(b'{"a":2,"b":1}')
