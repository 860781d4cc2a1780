"""A request that is sent several times has one effect."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.errors import Conflict, Refused
from engine.services.idempotency import (
    Answer,
    InFlight,
    KeyReused,
    fingerprint,
    once,
    readable_key,
)
from tests.clock import Clock

EFFECT = "INSERT INTO team (name) VALUES (gen_random_uuid()::text) RETURNING id"


async def effect(session: AsyncSession) -> Answer:
    made = await session.execute(text(EFFECT))
    return {"team": made.scalar_one()}


async def effects(store: Store) -> int:
    async with store.connection() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM team"))).scalar_one())


async def test_the_second_time_gives_the_first_answer(store: Store, clock: Clock) -> None:
    first, repeated = await once(store, "key:1", "k", "print", clock.now(), effect)
    second, again = await once(store, "key:1", "k", "print", clock.now(), effect)

    assert (repeated, again) == (False, True)
    assert first == second
    assert await effects(store) == 1


async def test_another_request_with_the_same_key_is_refused(store: Store, clock: Clock) -> None:
    await once(store, "key:1", "k", fingerprint(b"one"), clock.now(), effect)

    with pytest.raises(KeyReused):
        await once(store, "key:1", "k", fingerprint(b"two"), clock.now(), effect)
    assert await effects(store) == 1


async def test_two_callers_may_use_the_same_key(store: Store, clock: Clock) -> None:
    await once(store, "key:1", "k", "print", clock.now(), effect)
    await once(store, "key:2", "k", "print", clock.now(), effect)

    assert await effects(store) == 2


async def test_a_refused_request_is_not_remembered(store: Store, clock: Clock) -> None:
    async def refused(session: AsyncSession) -> Answer:
        await effect(session)
        raise Conflict("Not now.")

    with pytest.raises(Conflict, match="Not now"):
        await once(store, "key:1", "k", "print", clock.now(), refused)
    await once(store, "key:1", "k", "print", clock.now(), effect)

    assert await effects(store) == 1


async def test_a_key_is_forgotten_after_a_day(store: Store, clock: Clock) -> None:
    for number in range(3):
        await once(store, "key:1", f"k{number}", "print", clock.now(), effect)
    clock.advance(timedelta(hours=24))
    await once(store, "key:1", "k0", "another", clock.now(), effect)
    async with store.connection() as connection:
        kept = (await connection.execute(text("SELECT key FROM idempotency_key"))).scalars().all()

    assert kept == ["k0"]
    assert await effects(store) == 4


async def test_a_request_under_way_is_not_waited_for(store: Store, clock: Clock) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: AsyncSession) -> Answer:
        inside.set()
        await go_on.wait()
        return await effect(session)

    working = asyncio.create_task(once(store, "key:1", "k", "print", clock.now(), slow))
    await inside.wait()
    with pytest.raises(InFlight):
        await once(store, "key:1", "k", "print", clock.now(), effect)
    go_on.set()
    await working

    assert await effects(store) == 1


async def test_a_crowd_with_a_few_keys_has_one_effect_for_each(store: Store, clock: Clock) -> None:
    async def send(number: int) -> str:
        key = f"k{number % 4}"
        while True:
            try:
                answer, _ = await once(store, "key:1", key, "print", clock.now(), effect)
            except InFlight:
                await asyncio.sleep(0.01)
                continue
            return f"{key}: {answer}"

    answers = Counter(await asyncio.gather(*(send(number) for number in range(100))))

    assert await effects(store) == 4
    assert sorted(answers.values()) == [25] * 4


@pytest.mark.parametrize("key", ["", "a" * 256, "ü", "two\nlines", "\x7f", "\0"])
def test_a_key_is_a_short_visible_text(key: str) -> None:
    with pytest.raises(Refused):
        readable_key(key)


def test_parts_of_a_fingerprint_do_not_run_together() -> None:
    assert fingerprint(b"a", b"bc") != fingerprint(b"ab", b"c")
