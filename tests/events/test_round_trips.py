"""Statements that travel together are one transaction's, and fail as a session's do."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from crm_store.round_trips import Ask, in_one_trip
from crm_store.session import Store

ADD = "INSERT INTO tag (name) VALUES (%(name)s)"
COUNT = Ask("SELECT count(*), %(what)s::text FROM tag", {"what": "100 %"})


async def test_each_sees_what_those_before_it_did(store: Store) -> None:
    async with store.transaction() as session:
        before, added, after = await in_one_trip(session, [COUNT, Ask(ADD, {"name": "a"}), COUNT])
        assert await session.scalar(text("SELECT count(*) FROM tag")) == 1

    assert (before, added, after) == ([(0, "100 %")], [], [(1, "100 %")])


async def test_they_commit_and_roll_back_with_the_session(store: Store) -> None:
    async with store.transaction() as session:
        await in_one_trip(session, [Ask(ADD, {"name": "kept"})])
    with pytest.raises(LookupError):
        async with store.transaction() as session:
            await in_one_trip(session, [Ask(ADD, {"name": "gone"})])
            raise LookupError

    async with store.connection() as connection:
        found = await connection.execute(text("SELECT name FROM tag"))
        assert found.scalars().all() == ["kept"]


async def test_the_first_failure_is_told_as_the_session_would_and_nothing_is_kept(
    store: Store,
) -> None:
    twice = [Ask(ADD, {"name": "a"}), Ask(ADD, {"name": "a"}), COUNT]
    with pytest.raises(IntegrityError) as failure:
        async with store.transaction() as session:
            await in_one_trip(session, twice)
    with pytest.raises(DataError):
        async with store.transaction() as session:
            await in_one_trip(session, [Ask("SELECT %(n)s::jsonb", {"n": "{"}), COUNT])

    assert getattr(failure.value.orig, "sqlstate", None) == "23505"
    async with store.transaction() as session:
        assert await in_one_trip(session, [COUNT]) == [[(0, "100 %")]]


async def test_no_statements_ask_nobody(store: Store) -> None:
    async with store.transaction() as session:
        assert await in_one_trip(session, []) == []
