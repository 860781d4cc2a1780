"""Segments and tables are no way round what one may not read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import NotAllowed, Refused
from engine.services import segment_door as door
from engine.services.actor import SYSTEM, Actor, Permission
from engine.services.decision_tables import ask_table, decide_for, save_csv, try_table
from engine.services.rules import RuleNotAccepted
from engine.services.segments import looking, using
from engine.services.segments.editing import Edit, NewSegment, create_segment
from tests.api.people import ADA, bearer, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
WON = {"some": [{"var": "deals"}, {"==": [{"var": "stage_kind"}, "won"]}]}
BOUGHT = {">": [{"var": "contact.order_count"}, 0]}
ON_X = {"and": [{"member_of": ["x"]}, WON]}
TABLE = "table,routing\nlabel,Routing\nwhen contact.order_count,then team: text\n> 2,big\nany,all\n"


def narrow(*more: Permission) -> Actor:
    """A marketer whose key reads contacts and little else."""
    scopes = frozenset[Permission]({("read", "contact"), *more})
    return Actor("user", 1, "Ben", "marketer", scopes)


KEEPER = narrow(("read", "segment"), ("create", "segment"), ("edit", "segment"))


WAITING = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def _somebody_waits(store: Store) -> None:
    async with asyncio.timeout(10):
        while True:
            async with store.transaction() as session:
                if await session.scalar(text(WAITING)):
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("how", ["create", "edit"])
async def test_a_rule_is_looked_at_with_the_segments_it_is_saved_beside(
    store: Store, clock: Clock, filled: None, rows: Rows, how: str
) -> None:
    async def b() -> None:
        async with store.transaction() as session:
            if how == "create":
                await door.create(session, KEEPER, NewSegment("b", "B", rule=ON_X), clock.now())
            else:
                await door.edit(session, KEEPER, "b", Edit(rule=ON_X), clock.now(), "*")

    if how == "edit":
        async with store.transaction() as session:
            await create_segment(session, SYSTEM, NewSegment("b", "B", rule=True), clock.now())
    async with store.transaction() as session:
        await create_segment(session, SYSTEM, NewSegment("x", "X", rule=SINGAPORE), clock.now())
        late = asyncio.create_task(b())
        await _somebody_waits(store)
    with pytest.raises(NotAllowed, match="deal"):
        await late
    assert ("b", ON_X) not in await rows("SELECT name, rule FROM segment")


async def test_a_rule_that_nobody_could_look_at_is_not_saved(
    store: Store, clock: Clock, filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def saved(*_: object) -> None:
        return None

    monkeypatch.setattr(door, "create_segment", saved)
    new = NewSegment("b", "B", rule={"grows": [1]})
    async with store.transaction() as session:
        with pytest.raises(RuleNotAccepted) as refused:
            await door.create(session, KEEPER, new, clock.now())
    assert [one.place for one in refused.value.problems] == ["/rule/grows"]


async def test_names_of_flows_are_for_those_who_may_read_flows(
    api: httpx2.AsyncClient, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def in_use(_: object) -> list[tuple[str, dict[str, object]]]:
        return [("secret_launch", {"when": {"member_of": ["sg"]}})]

    monkeypatch.setattr(using, "definitions_in_use", in_use)
    await api.post("/api/segments", json={"name": "sg", "label": "SG", "rule": SINGAPORE})
    scopes = ["read:contact", "read:segment", "write:segment"]
    key = bearer(await key_for(store, clock, "marketer", scopes)) | {"If-Match": "*"}
    seen, kept = (
        await api.get("/api/segments/sg", headers=key),
        await api.delete("/api/segments/sg", headers=key),
    )

    assert seen.json()["used_by"] == {"segments": [], "flows": [], "unnamed_flows": 1}
    assert (kept.status_code, "1 flow" in kept.json()["detail"]) == (409, True)
    assert "secret_launch" not in seen.text + kept.text
    whole = (await api.get("/api/segments/sg")).json()["used_by"]
    assert whole == {"segments": [], "flows": ["secret_launch"], "unnamed_flows": 0}


async def test_reasons_are_for_those_who_may_read_what_they_tell(
    store: Store, clock: Clock, filled: None
) -> None:
    now = clock.now()
    async with store.transaction() as session:
        await create_segment(session, SYSTEM, NewSegment("buyers", "B", rule=BOUGHT), now)
    known: tuple[Permission, ...] = (("read", "segment"), ("read", "contact"))
    async with store.transaction() as session:
        with pytest.raises(NotAllowed, match="order"):
            await looking.why(session, narrow(*known), "buyers", ADA, now, "UTC")
        with pytest.raises(NotAllowed, match="order"):
            await looking.sample(session, narrow(*known), "buyers", 5, now, "UTC")
        told = await looking.why(
            session, narrow(*known, ("read", "order")), "buyers", ADA, now, "UTC"
        )
    assert told.explained is not None


async def test_a_tables_answer_is_for_those_who_may_read_what_it_reads(
    store: Store, clock: Clock, filled: None
) -> None:
    now = clock.now()
    async with store.transaction() as session:
        document = (await save_csv(session, SYSTEM, TABLE, now)).document
    actor = narrow(("read", "decision_table"))
    async with store.transaction() as session:
        with pytest.raises(NotAllowed, match="order"):
            await ask_table(session, actor, "routing", ADA, now, "UTC")
        with pytest.raises(NotAllowed, match="order"):
            await try_table(session, actor, document, ADA, now, "UTC")
        with pytest.raises(NotAllowed, match="order"):
            await decide_for(session, actor, "routing", [ADA], now, "UTC")
        richer = narrow(("read", "decision_table"), ("read", "order"))
        assert await decide_for(session, richer, "routing", [ADA], now, "UTC")


async def test_words_without_characters_for_them_are_refused(
    store: Store, clock: Clock, filled: None
) -> None:
    for label in ("a\0b", "a\x1bb", "a\ud800"):
        new = NewSegment("a", label, rule=True)
        async with store.transaction() as session:
            with pytest.raises(Refused) as refused:
                await create_segment(session, SYSTEM, new, clock.now())
        assert [one.code for one in refused.value.problems] == ["control_character"]


async def test_days_before_anything_was_counted_are_refused(
    store: Store, clock: Clock, filled: None
) -> None:
    async with store.transaction() as session:
        await create_segment(session, SYSTEM, NewSegment("a", "A", rule=True), clock.now())
        with pytest.raises(Refused):
            await looking.counts_over_time(session, SYSTEM, "a", date(1, 1, 1), date(1, 1, 30))
        days = await looking.counts_over_time(
            session, SYSTEM, "a", date(2000, 1, 1), date(2000, 1, 2)
        )
    assert [one.members for one in days] == [0, 0]
