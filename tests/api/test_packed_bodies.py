"""Packed bodies: several files in one are read, and a great many of them cost nobody any time."""

from __future__ import annotations

import gzip
import time
from typing import Any

import httpx2
import orjson
import pytest

from engine.api.edge.body_limit import MOST_MEMBERS, _Refusal, _unpacked

BODY = orjson.dumps({"batch": [{"type": "track", "userId": "ada", "event": "A"}]})


def halves() -> bytes:
    return gzip.compress(BODY[:20]) + gzip.compress(b"") + gzip.compress(BODY[20:])


async def test_files_one_after_the_other_are_one_body(website: httpx2.AsyncClient) -> None:
    answer = await website.post("/v1/batch", content=halves(), headers={"content-encoding": "gzip"})
    assert answer.json() == {"success": True}


def test_a_large_file_is_read_piece_by_piece() -> None:
    plain = bytes(range(256)) * 4_000
    packed = gzip.compress(plain, 1) + gzip.compress(b"end")
    assert _unpacked(packed, len(plain) + 3) == plain + b"end"


def test_a_million_empty_files_are_refused_at_once() -> None:
    packed = gzip.compress(b"") * 200_000
    began = time.process_time()
    with pytest.raises(_Refusal, match=str(MOST_MEMBERS)):
        _unpacked(packed, 10**7)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (gzip.compress(BODY)[:-4], "middle"),
        (gzip.compress(BODY) + b"more", "not gzip"),
        (b"nothing packed", "not gzip"),
        (gzip.compress(b"0" * 10**7), "more than"),
    ],
)
def test_what_is_no_packed_body_is_refused(packed: Any, said: str) -> None:
    with pytest.raises(_Refusal, match=said):
        _unpacked(packed, 10**6)
