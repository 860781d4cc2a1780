"""One effect for each key, however many send it at once; `KEYS=50 POSTS=1000` is the whole."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx2
from fastapi import FastAPI

from crm_store.session import Store
from engine.api.rates import KeyRates
from engine.errors import LimitReached
from tests.api.people import EVERYTHING, bearer, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
KEYS = int(os.environ.get("KEYS", "4"))
POSTS = int(os.environ.get("POSTS", "20"))


class Unlimited:
    async def spend(self, key_id: int, cost: int = 1) -> None:
        """The minute of a key is another test's."""


async def test_many_posts_of_few_keys_have_as_many_effects_as_keys(
    app: FastAPI, api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    app.state.key_rates.spend = Unlimited().spend
    headers = bearer(await key_for(store, clock, "admin", EVERYTHING))
    before = (await rows("SELECT count(*) FROM contact"))[0][0]

    async def post(number: int) -> int:
        body = {"fields": {"first_name": f"Someone {number}"}}
        key = {"Idempotency-Key": f"storm-{number}"}
        answer = await api.post("/api/contacts", json=body, headers=headers | key)
        return answer.status_code

    wanted = [number % KEYS for number in range(KEYS * POSTS)]
    told = Counter(await asyncio.gather(*map(post, wanted)))
    # whoever was told that the same is being worked on gets the answer afterwards
    after = Counter(await asyncio.gather(*map(post, range(KEYS))))

    assert told.keys() <= {201, 409, 503}, told
    assert after == {201: KEYS}
    assert (await rows("SELECT count(*) FROM contact"))[0][0] == before + KEYS
    assert await rows("SELECT count(DISTINCT key) FROM idempotency_key") == [(KEYS,)]


async def test_processes_share_the_minute_of_a_key(store: Store, rows: Rows) -> None:
    minute = "SELECT floor(extract(epoch FROM clock_timestamp()) / 60)::bigint"
    allowed = 0
    # a minute may end meanwhile; the next one is long enough
    for key in (7, 8):
        began = await rows(minute)
        allowed = await _allowed(store, key)
        if await rows(minute) == began:
            break

    assert 38 <= allowed <= 40


async def _allowed(store: Store, key: int) -> int:
    processes = [KeyRates(40, store), KeyRates(40, store), KeyRates(40, store)]
    allowed = 0
    for number in range(90):
        with suppress(LimitReached):
            await processes[number % 3].spend(key)
            allowed += 1
    return allowed
