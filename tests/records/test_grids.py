"""Lists: narrowed, in any order, page by page forwards and backwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.lists import grid_pages
from crm_store.session import Store
from engine.errors import NotAllowed
from engine.services.actor import Actor
from engine.services.rules import RuleNotAccepted
from engine.services.views.grids import (
    GridState,
    Moment,
    asking,
    grid_count,
    grid_fields,
    grid_ids,
    grid_page,
    read_state,
)
from tests.records.conftest import BEN, PEOPLE

NOW = Moment(datetime(2026, 3, 2, tzinfo=UTC), "UTC")
ORDERS: list[list[list[Any]]] = [
    [["name", False]],
    [["score", True]],
    [["score", True], ["name", False]],
    [["country", False], ["last_seen_at", True]],
    [["last_seen_at", False]],
    [["lifecycle_stage", True], ["score", False], ["created_at", True]],
]


async def seen(store: Store, document: dict[str, Any], record: Any = "contact") -> GridState:
    async with store.transaction() as session:
        return read_state(record, document, await grid_fields(session, BEN, record))


async def walk(store: Store, state: GridState, limit: int) -> tuple[list[int], list[int]]:
    """The ids going on from the first page, and going back from the last."""
    ways = []
    for first, further in (("first", "next"), ("last", "previous")):
        ids: list[int] = []
        page = None
        while True:
            async with store.transaction() as session:
                mark = None if page is None else page.last if further == "next" else page.first
                turn: Any = first if page is None else further
                page = await grid_page(session, BEN, state, NOW, turn=turn, mark=mark, limit=limit)
            found = [one.id for one in page.lines]
            ids = ids + found if further == "next" else found + ids
            if not (page.has_next if further == "next" else page.has_previous):
                break
        ways.append(ids)
    return ways[0], ways[1]


async def test_turning_pages_shows_everybody_once_in_one_order(people: Store) -> None:
    for order in ORDERS:
        state = await seen(people, {"order": order})
        onwards, backwards = await walk(people, state, 31)
        assert sorted(onwards) == list(range(1, PEOPLE + 1)), order
        assert onwards == backwards, order


async def test_an_order_that_falls_is_kept_within_the_one_before_it(people: Store) -> None:
    state = await seen(people, {"order": [["score", True], ["name", False]]})
    async with people.transaction() as session:
        page = await grid_page(session, BEN, state, NOW, limit=PEOPLE)
    keys = [(-one.values["score"], one.values["name_key"]) for one in page.lines]
    assert keys == sorted(keys)


async def test_who_was_never_seen_comes_after_those_who_were(people: Store) -> None:
    state = await seen(people, {"order": [["last_seen_at", True]]})
    async with people.transaction() as session:
        page = await grid_page(session, BEN, state, NOW, limit=PEOPLE)
    known = [one.values["last_seen_at"] is not None for one in page.lines]
    assert known == sorted(known, reverse=True)


CONDITIONS: list[tuple[list[Any], str]] = [
    (["lifecycle_stage", "any", ["customer"]], "lifecycle_stage = 'customer'"),
    (["lifecycle_stage", "none", ["customer"]], "lifecycle_stage <> 'customer'"),
    (["owner_id", "any", [2, None]], "owner_id = 2 OR owner_id IS NULL"),
    (["owner_id", "none", [None]], "owner_id IS NOT NULL"),
    (["country", "none", ["SG"]], "country IS DISTINCT FROM 'SG'"),
    (["country", "unknown", []], "country IS NULL"),
    (["email", "contains", ["P11"]], "email_key LIKE '%p11%'"),
    (["score", "between", [3, None]], "score >= 3"),
    (["score", "between", [3, 6]], "score BETWEEN 3 AND 6"),
    (["tags", "any", ["vip"]], "id <= 10"),
    (["tags", "none", ["vip"]], "id > 10"),
    (["last_seen_at", "last", [30]], "last_seen_at >= '2026-01-31'"),
    (["last_seen_at", "before", [30]], "last_seen_at < '2026-01-31'"),
    (
        ["created_at", "between", ["2026-01-02", "2026-01-02"]],
        "created_at >= '2026-01-02' AND created_at < '2026-01-03'",
    ),
    (["account_id", "known", []], "account_id IS NOT NULL"),
]


async def test_a_condition_finds_whom_it_says(people: Store) -> None:
    for condition, where in CONDITIONS:
        state = await seen(people, {"conditions": [condition]})
        async with people.transaction() as session:
            rows = await session.scalars(text(f"SELECT id FROM contact WHERE {where} ORDER BY id"))
            expected = list(rows)
            count = await grid_count(session, BEN, state, NOW)
            ids = await grid_ids(session, BEN, state, NOW, after=0, limit=1_000)
        assert 0 < len(expected) < PEOPLE, condition
        assert ids == expected, condition
        assert (count.count, count.exact) == (len(expected), True)


async def test_a_rule_search_and_conditions_hold_together(people: Store) -> None:
    state = await seen(
        people,
        {
            "search": "person 0",
            "rule": {">": [{"var": "contact.score"}, 4]},
            "conditions": [["country", "any", ["DE"]]],
        },
    )
    async with people.transaction() as session:
        page = await grid_page(session, BEN, state, NOW, limit=PEOPLE)
    assert page.lines
    assert all(one.values["score"] > 4 and one.values["country"] == "DE" for one in page.lines)


async def test_a_list_that_few_fit_is_gathered_when_walking_takes_too_long(
    people: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = await seen(people, {"conditions": [["score", "between", [5, None]]]})
    async with people.transaction() as session:
        walked = await grid_page(session, BEN, state, NOW, limit=20)
    real = grid_pages.marks_page

    async def given_up(*arguments: Any, **named: Any) -> Any:
        if not named.get("gathered"):
            await arguments[0].execute(text("SELECT pg_sleep(5)"))
        return await real(*arguments, **named)

    monkeypatch.setattr(asking, "marks_page", given_up)
    async with people.transaction() as session:
        gathered = await grid_page(session, BEN, state, NOW, limit=20)
        on = await grid_page(session, BEN, state, NOW, turn="next", mark=gathered.last, limit=20)
    assert gathered.lines == walked.lines
    assert not {one.id for one in gathered.lines} & {one.id for one in on.lines}


async def test_a_wrong_rule_is_refused_with_its_place(people: Store) -> None:
    state = await seen(people, {"rule": {"==": [{"var": "contact.no_such"}, 1]}})
    async with people.transaction() as session:
        with pytest.raises(RuleNotAccepted) as refused:
            await grid_page(session, BEN, state, NOW)
    assert refused.value.problems[0].place.startswith("/rule")


async def test_lists_are_for_those_who_may_read_them(people: Store) -> None:
    nobody = Actor("user", 9, "X", "no_role")
    async with people.transaction() as session:
        with pytest.raises(NotAllowed):
            await grid_fields(session, nobody, "contact")


async def test_accounts_say_how_many_people_they_have(people: Store) -> None:
    state = await seen(people, {}, "account")
    async with people.transaction() as session:
        page = await grid_page(session, BEN, state, NOW)
    assert [(one.name, one.values["contacts"]) for one in page.lines] == [("Mill", 1)]
