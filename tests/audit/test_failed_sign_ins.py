"""Failed sign-ins in the audit: who, from where and how often, and nothing that was typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm_store.session import Store
from engine.errors import LimitReached, NotSignedIn, Refused
from engine.services.actor import SYSTEM
from engine.services.audit_log.failed_sign_ins import (
    MOST_A_MINUTE,
    MOST_WAITING,
    FailedSignIns,
)
from engine.services.people import NewUser, create_user, ensure_roles
from engine.services.sign_in import SignIns
from engine.services.throttle import GuessLimits, Throttle
from tests.clock import Clock

HOME, ELSEWHERE = "192.0.2.1", "2001:db8:1:2:3::9"


@pytest.fixture
async def ben(store: Store) -> NewUser:
    async with store.transaction() as session:
        await ensure_roles(session)
        return await create_user(session, SYSTEM, email="ben@example.com", name="Ben", role="rep")


async def rows(store: Store) -> list[Any]:
    statement = (
        "SELECT door, actor_name, subject_kind, subject_id, after FROM audit "
        "WHERE verb = 'fail_to_sign_in' ORDER BY id"
    )
    async with store.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def guess(signs: SignIns, email: str, password: str, address: str = HOME) -> None:
    with pytest.raises((NotSignedIn, LimitReached)):
        await signs.sign_in(email, password, address)


async def test_failures_stand_there_folded_and_nothing_that_was_typed(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    now = [0.0]
    signs = SignIns(store, clock.now)
    signs.failures = FailedSignIns(lambda: now[0])
    called: list[int] = []
    signs.on_failure = lambda: called.append(1)
    for address in (HOME, ELSEWHERE, HOME):
        await guess(signs, ben.email, "my secret guess", address)
    for email in ("typed-one@example.com", "typed-two@example.com", "typed-two@example.com"):
        await guess(signs, email, "my secret guess", ELSEWHERE)
    assert await rows(store) == []
    assert await signs.write_failures() == 2
    networks = [HOME, "2001:db8:1:2::/64"]
    of_ben = {"times": 3, "how": {"wrong_password": 3}, "networks": networks}
    of_nobody = {"times": 3, "how": {"unknown_account": 3}, "accounts": 2}
    assert await rows(store) == [
        ("page", "Somebody", "user", str(ben.id), of_ben),
        ("page", "Somebody", "network", "2001:db8:1:2::/64", of_nobody),
    ]
    async with store.connection() as connection:
        whole = " ".join((await connection.execute(text("SELECT a::text FROM audit a"))).scalars())
    assert "typed" not in whole
    assert "guess" not in whole

    await guess(signs, ben.email, "again")
    assert await signs.write_failures() == 0, "one row a minute"
    now[0] = 60.0
    assert await signs.write_failures() == 1
    assert (await rows(store))[-1][4]["times"] == 1
    assert not signs.failures.waits
    assert len(called) == 7


async def test_wrong_present_passwords_and_tries_beyond_the_limit_count_too(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    few = RateLimitItemPerMinute(2, 5, "pair")
    usual = RateLimitItemPerMinute(30, 10, "others")
    signs = SignIns(store, clock.now, throttle=Throttle(GuessLimits(few, usual, usual)))
    found = await signs.sign_in(ben.email, ben.one_time_password, HOME)
    with pytest.raises(Refused):
        await signs.change_password(found.token, "wrong", "correct horse battery", HOME)
    for _ in range(4):
        await guess(signs, ben.email, "wrong", ELSEWHERE)
    await signs.write_failures()
    how = [(row[2], row[4]["how"]) for row in await rows(store)]
    assert how == [
        ("user", {"wrong_present_password": 1, "wrong_password": 2}),
        ("network", {"too_many": 2}),
    ]


async def test_many_networks_fill_neither_the_audit_nor_the_memory(store: Store) -> None:
    now = [0.0]
    failures = FailedSignIns(lambda: now[0])
    for number in range(MOST_WAITING + 100):
        failures.count("unknown_account", f"net {number}", typed=f"{number}")
    assert await failures.write(store) == MOST_A_MINUTE
    assert await failures.write(store) == 0
    now[0] = 61.0
    assert await failures.write(store) == MOST_A_MINUTE
    written = await rows(store)
    assert len(written) == 2 * MOST_A_MINUTE
    assert written[0][4]["others_not_listed"] == 100
    assert "others_not_listed" not in written[1][4]


async def test_what_could_not_be_written_is_counted_in_the_next_row(store: Store) -> None:
    away = Store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    now = [0.0]
    failures = FailedSignIns(lambda: now[0])
    for _ in range(3):
        failures.count("wrong_password", HOME, user_id=7)
    with pytest.raises(SQLAlchemyError):
        await failures.write(away)
    await away.close()
    now[0] = timedelta(minutes=2).total_seconds()
    failures.count("wrong_password", HOME, user_id=7)
    assert await failures.write(store) == 1
    [(_, _, _, subject, after)] = await rows(store)
    assert (subject, after["times"], after["others_not_listed"]) == ("7", 1, 3)
