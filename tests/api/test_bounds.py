"""Nobody's request costs much more than another's: mistakes, questions and look-ups have bounds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, cast

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import api_keys as rows
from crm_store.session import Store
from engine.api.rates import MOST_OF_ONE_KEY, HeavyLine, KeyRates
from engine.errors import LimitReached, NotSignedIn
from engine.services.actor import SYSTEM
from engine.services.api_keys import ApiKeys
from engine.services.api_keys.lookup import LOOK_UPS_AT_A_TIME
from engine.services.api_keys.spelling import fresh
from engine.services.rules import (
    AskedRule,
    RuleTooSlow,
    asked,
    explain_rule,
    explaining,
    sample_rule,
    sampling,
)
from tests.api.people import ADA
from tests.clock import Clock

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}


async def test_thousands_of_unknown_members_are_one_problem(api: httpx2.AsyncClient) -> None:
    body = {"rule": True} | {f"m{number}": 1 for number in range(5000)}
    answer = await api.post("/api/rules/check", json=body)

    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["problems"]] == ["too_many_members"]


async def test_a_hundred_problems_are_listed_and_the_rest_counted(api: httpx2.AsyncClient) -> None:
    await api.post("/api/segments", json={"name": "vips", "label": "VIPs", "kind": "static"})
    answer = await api.post("/api/segments/vips/members", json={"contact_ids": ["x"] * 300})
    problems = answer.json()["problems"]

    assert (answer.status_code, len(problems)) == (422, 101)
    assert problems[99]["pointer"] == "/contact_ids/99"
    assert (problems[100]["code"], problems[100]["message"][:4]) == ("more_problems", "200 ")


async def _slow_facts(session: AsyncSession, *_: Any) -> dict[int, Any]:
    await session.execute(text("SELECT pg_sleep(20)"))
    return {}


async def test_facts_that_take_too_long_are_given_up_too(
    store: Store, clock: Clock, filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explaining, "load_facts", _slow_facts)
    rule, longest = AskedRule(SINGAPORE), timedelta(milliseconds=300)
    with pytest.raises(RuleTooSlow):
        async with store.transaction() as session:
            await sample_rule(
                session, SYSTEM, rule, now=clock.now(), zone="UTC", size=2, longest=longest
            )
    with pytest.raises(RuleTooSlow):
        async with store.transaction() as session:
            await explain_rule(
                session, SYSTEM, rule, ADA, at=clock.now(), default_zone="UTC", longest=longest
            )


async def test_of_a_very_long_rule_fewer_contacts_are_drawn(
    api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MOST_CONDITIONS", 9)
    for rule, drawn in ((SINGAPORE, 2), ({"or": [SINGAPORE] + [{"!": [SINGAPORE]}] * 4}, 1)):
        told = await api.post("/api/rules/sample", json={"rule": rule, "size": 2})

        assert len(told.json()["contacts"]) == drawn


async def test_others_are_served_while_rules_are_translated_and_put_into_words(
    api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []

    def noted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def call(*given: Any, **named: Any) -> Any:
            seen.append((name, threading.current_thread() is threading.main_thread()))
            return real(*given, **named)

        monkeypatch.setattr(module, name, call)

    noted(asked, "import_rule")
    noted(sampling, "explained")
    noted(explaining, "explained")
    foreign = {"rule": {"==": [{"var": "country"}, "SG"]}, "language": "jsonlogic"}
    for what, more in (("sample", {"size": 1}), ("explain", {"contact": ADA}), ("count", {})):
        answer = await api.post(f"/api/rules/{what}", json=foreign | more)
        assert answer.status_code == 200

    assert sorted(seen) == [("explained", False)] * 2 + [("import_rule", False)] * 3


async def test_one_key_does_not_fill_the_line() -> None:
    line = HeavyLine(KeyRates(1000))
    running: list[int] = []
    done = asyncio.Event()

    async def question(key_id: int) -> None:
        async with line.turn(key_id):
            running.append(key_id)
            await done.wait()

    greedy = [asyncio.create_task(question(1)) for _ in range(MOST_OF_ONE_KEY)]
    while not running:
        await asyncio.sleep(0)
    with pytest.raises(LimitReached):
        async with asyncio.timeout(5), line.turn(1):
            pass
    async with asyncio.timeout(5), line.turn(2):
        assert running == [1]
    done.set()
    await asyncio.gather(*greedy)
    assert running == [1] * MOST_OF_ONE_KEY
    async with line.turn(1):
        pass


class SlowStore:
    """Its transactions end when they are let go."""

    def __init__(self) -> None:
        self.open = self.most = 0
        self.go = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        self.open += 1
        self.most = max(self.most, self.open)
        await self.go.wait()
        try:
            yield
        finally:
            self.open -= 1


async def test_made_up_keys_leave_connections_to_others(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[str] = []

    async def nobody(_: object, prefix: str, __: datetime) -> None:
        asked_for.append(prefix)

    monkeypatch.setattr(rows, "api_key_with_user", nobody)
    store = SlowStore()
    keys = ApiKeys(cast(Store, store), clock.now)
    made_up = [fresh().whole() for _ in range(20)]
    tasks = [asyncio.create_task(keys.caller(one)) for one in [*made_up, *made_up]]
    while store.open < LOOK_UPS_AT_A_TIME:
        await asyncio.sleep(0)
    store.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert {type(one) for one in answers} == {NotSignedIn}
    assert store.most == LOOK_UPS_AT_A_TIME
    assert len(asked_for) == len(set(asked_for)) == 20
