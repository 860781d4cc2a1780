"""What somebody was refused is written down by whichever door they came."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.people import add_user
from crm_store.session import Store
from engine.cli._person import person
from engine.cli._runtime import opened
from engine.errors import NotAllowed, NotSignedIn
from engine.services.actor import Actor, allowed
from engine.services.assistants import Means, look_up
from engine.services.audit_log.refusals import Refusals
from engine.services.door import came_through, through
from engine.services.people import ensure_roles
from engine.services.plans import Plans
from engine.services.roles.visibility import allowed_on
from tests.clock import Clock

BO = Actor("user", 2, "Bo", "viewer")
REP = Actor("user", 3, "Rea", "rep")


async def rows(store: Store) -> list[Any]:
    statement = "SELECT door, actor_id, subject_id FROM audit WHERE verb = 'refused' ORDER BY id"
    async with store.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def test_what_leaves_a_transaction_is_written_once_and_rolled_back(store: Store) -> None:
    refusals = Refusals(store)
    with through("page", "request"):
        with pytest.raises(NotAllowed) as caught:
            async with refusals.noting(store.transaction()) as session:
                await session.execute(text("INSERT INTO topic (slug, label) VALUES ('x', 'X')"))
                allowed(BO, "edit", "deal")
        # the page that could not be shown says so again
        assert not await refusals.note_error(caught.value, actor=BO, what="page /deals")
    assert await rows(store) == [("page", 2, "edit:deal")]
    async with store.connection() as connection:
        left = await connection.execute(text("SELECT count(*) FROM topic WHERE slug = 'x'"))
        assert left.scalar_one() == 0


async def test_a_check_that_names_nobody_is_of_whoever_came_through_the_door(
    store: Store,
) -> None:
    refusals = Refusals(store)
    came_through("page", actor=REP)
    with pytest.raises(NotAllowed):
        async with refusals.noting(store.transaction()):
            raise NotAllowed("Views are kept by people.")
    with pytest.raises(NotSignedIn):
        async with refusals.noting(store.transaction()):
            raise NotSignedIn("Your sign-in is over.")
    assert await rows(store) == [("page", 3, "other")]


def test_every_check_says_who_and_what() -> None:
    key = Actor("user", 3, "Rea", "rep", frozenset())
    checks: tuple[tuple[Actor, Callable[[], None]], ...] = (
        (BO, partial(allowed, BO, "edit", "deal")),
        (key, partial(allowed, key, "edit", "deal")),
        (REP, partial(allowed_on, REP, "delete", "deal", 9)),
    )
    for who, check in checks:
        with pytest.raises(NotAllowed) as caught:
            check()
        assert caught.value.who == who
        assert caught.value.what in ("edit:deal", "delete:deal")


async def test_an_assistant_that_asks_too_much_is_written_down(store: Store, clock: Clock) -> None:
    means = Means(store, Plans(), clock.now, "UTC", Refusals(store))
    key = Actor("user", 3, "Rea (API key reports)", "rep", frozenset())
    with through("cli", "request"), pytest.raises(NotAllowed):
        await look_up(means, key, "segments_count", {})
    assert await rows(store) == [("cli", 3, "read:segment")]


async def test_who_a_command_acts_for_is_written_down(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", store.url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    async with store.transaction() as session:
        await ensure_roles(session)
        email = {"email": "vi@example.com", "email_key": "vi@example.com"}
        row = {"name": "Vi", "name_key": "vi", "role": "viewer"}
        vi = await add_user(session, email | row)
    with through("cli", "request"), pytest.raises(NotAllowed):
        async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
            allowed(await person(session, "vi@example.com"), "edit", "deal")
    with through("cli", "request"), pytest.raises(NotAllowed):
        async with opened(temporal=False) as runtime, runtime.store.transaction() as session:
            await person(session, "vi@example.com")
            raise NotAllowed("Views are kept by people.")
    assert await rows(store) == [("cli", vi, "edit:deal"), ("cli", vi, "other")]
