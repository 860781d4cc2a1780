"""Whatever is sent to any door for events, the answer is never our own mistake.

RANDOM_BODIES=100000 makes it the whole trial.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx2

from engine.services.actor import SYSTEM
from engine.services.forms import add_form
from tests.api.conftest import Parts
from tests.api.test_hostile_bodies import nasty_body

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]
BODIES: Final = int(os.environ.get("RANDOM_BODIES", "2000"))
PATHS: Final = (
    *("/v1/batch",) * 8,
    *("/v1/b", "/v1/t", "/v1/i", "/v1/p", "/v1/s", "/v1/g", "/v1/a", "/v1/import"),
    *("/batch/", "/capture/", "/e/", "/i/v0/e/"),
    *("/v1/cloudevents", "/v1/cloudevents", "/hooks/in/billing", "/f/news", "/f/none"),
)
TYPES: Final = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "",
    "multipart/form-data; boundary=x",
)
NAMES: Final = ("ce-id", "ce-specversion", "ce-type", "ce-source", "ce-time", "ce-userid")


def headers(chosen: random.Random) -> dict[str, str]:
    found = {"content-type": chosen.choice(TYPES)}
    if chosen.random() < 0.1:
        found |= {name: chosen.choice(("1.0", "%ff%00", "x" * 300, "")) for name in NAMES}
    if chosen.random() < 0.05:
        found["content-encoding"] = chosen.choice(("gzip", "br", "identity"))
    return found


def body(chosen: random.Random, key: str) -> bytes:
    """Mostly calls with something spoilt; sometimes bytes, sometimes what only begins as gzip."""
    kind = chosen.random()
    if kind < 0.05:
        return chosen.randbytes(chosen.randrange(200))
    if kind < 0.08:
        return b"\x1f\x8b" + chosen.randbytes(40)
    content = nasty_body(chosen)
    if kind < 0.5 and content.startswith(b"{"):
        return b'{"api_key": "%s", ' % key.encode() + content[1:].lstrip()
    if kind < 0.6:
        return b"[" + content + b"]"
    return b"data=" + content if kind < 0.63 else content


async def test_random_bodies_at_every_door(
    website: httpx2.AsyncClient, write_key: str, parts: Parts, rows: Rows
) -> None:
    async with parts.store.transaction() as session:
        form = {"title": "News", "wording": "Yes"}
        await add_form(session, SYSTEM, "news", form, parts.now())
    chosen = random.Random(20260302)
    seen: Counter[int] = Counter()
    for _ in range(BODIES // 20):
        answers = await asyncio.gather(
            *(
                website.post(
                    chosen.choice(PATHS), content=body(chosen, write_key), headers=headers(chosen)
                )
                for _ in range(20)
            )
        )
        seen.update(one.status_code for one in answers)
        assert max(one.status_code for one in answers) < 500, [
            (one.request.url.path, one.text) for one in answers if one.status_code >= 500
        ]
    assert {200, 400, 401, 415} <= set(seen)
    assert (await rows("SELECT count(*) FROM event"))[0][0] > 100
    assert (await rows("SELECT count(*) FROM dead_letter"))[0][0] > 100
