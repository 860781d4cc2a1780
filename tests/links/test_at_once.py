"""Choices while letters go out, and many letters that store the same links at the same moment."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.links.targets import Targets
from engine.services.messages import Prepared, prepare, record, until_nothing_is_under_way
from engine.services.messages.handing_over import hand_over_all
from engine.services.preferences import Choice, choose
from engine.services.templates import TemplateLibrary
from tests.links.conftest import MEASURED
from tests.messages.people import NOW, add_asks, add_contacts
from tests.messages.test_consent_race import Slow


async def test_a_topic_that_is_off_is_off_from_the_answer_on(
    store: Store, templates: TemplateLibrary
) -> None:
    async with store.transaction() as session:
        people = await add_contacts(session, 80)
        asks = await add_asks(session, people, template="win_back_offer")
    channel, answered, withheld = Slow(), dict[str, float](), list[str]()

    async def send(share: int) -> None:
        for start in range(share * 8, len(asks), 16):
            async with store.transaction() as session:
                group = await prepare(
                    session,
                    asks[start : start + 8],
                    library=templates,
                    sender_settings=MEASURED,
                    channel_name="slow",
                    now=NOW,
                )
            withheld.extend(one.code for one in group if not isinstance(one, Prepared))
            ready = [one for one in group if isinstance(one, Prepared)]
            results = await hand_over_all(channel, ready)
            async with store.transaction() as session:
                await record(session, results, NOW)

    async def switch_off() -> None:
        for place in random.Random(7).sample(range(80), 30):
            async with store.transaction() as session:
                off = Choice(topics={"offers": False})
                await choose(
                    session, SYSTEM, people[place], off, source="page", now=NOW, partitions=4
                )
            assert await until_nothing_is_under_way(
                store, people[place], at_most=timedelta(seconds=30)
            )
            answered[f"ada{place}@example.com"] = time.monotonic()

    await asyncio.gather(send(0), send(1), switch_off())
    late = [a for a, at in answered.items() if channel.handed_over.get(a, 0) > at]
    assert late == []
    assert set(withheld) <= {"topic_off"}
    assert len(withheld) + len(channel.handed_over) == 80


async def test_letters_with_the_same_links_store_each_once(store: Store) -> None:
    async with store.transaction() as session:
        people = await add_contacts(session, 40)
    urls = [f"https://shop.test/{number}" for number in range(30)]

    async def one(number: int) -> dict[str, int]:
        mine = random.Random(number).sample(urls, 20)
        async with store.transaction() as session:
            return await Targets().ids_of(session, [(people[number], mine)], NOW)

    found = await asyncio.gather(*(one(number) for number in range(40)))
    ids: dict[str, set[int]] = {}
    for each in found:
        assert len(each) == 20
        for url, id_ in each.items():
            ids.setdefault(url, set()).add(id_)
    assert all(len(same) == 1 for same in ids.values())
