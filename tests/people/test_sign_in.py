"""Signing in, staying signed in, and being kept out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import LimitReached, NotSignedIn, Refused
from engine.services.actor import SYSTEM
from engine.services.people import NewUser, deactivate_user, reset_password
from engine.services.sign_in import SignedIn, SignIns
from engine.services.throttle import GuessLimits, Throttle, neighbourhood
from tests.clock import Clock

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
GOOD = "correct horse battery"


@pytest.fixture
async def signed_in(sign_ins: SignIns, ben: NewUser) -> SignedIn:
    return await sign_ins.sign_in(ben.email, ben.one_time_password, HOME)


async def test_a_person_who_signed_in_is_known_by_the_token(
    sign_ins: SignIns, signed_in: SignedIn
) -> None:
    found = await sign_ins.who(signed_in.token)

    assert found == signed_in
    assert found.actor.name == "Ben"
    assert await sign_ins.actor_of(signed_in.token) == signed_in.actor


async def test_the_address_is_recognised_however_it_is_typed(
    sign_ins: SignIns, ben: NewUser
) -> None:
    found = await sign_ins.sign_in(" BEN@EXAMPLE.COM ", ben.one_time_password, HOME)

    assert found.actor.id == ben.id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ben@example.com", "wrong"),
        ("nobody@example.com", "wrong"),
        ("", ""),
        ("ben@example.com", "x" * 100_000),
        ("ben@example.com\0", "\0\ud800"),
    ],
)
async def test_whatever_is_wrong_looks_the_same(
    sign_ins: SignIns, ben: NewUser, email: str, password: str
) -> None:
    with pytest.raises(NotSignedIn, match="The e-mail address or the password is wrong"):
        await sign_ins.sign_in(email, password, HOME)


async def test_the_token_is_not_in_the_database_nor_in_what_is_printed(
    store: Store, signed_in: SignedIn
) -> None:
    async with store.connection() as connection:
        rows = (await connection.execute(text("SELECT s::text FROM sign_in s"))).scalars().all()

    assert signed_in.token not in " ".join(rows)
    assert signed_in.token not in repr(signed_in)


async def test_an_unknown_token_is_nobody(sign_ins: SignIns) -> None:
    assert await sign_ins.who("") is None
    assert await sign_ins.who("\ud800") is None


async def test_signing_out_ends_it_and_twice_changes_nothing(
    sign_ins: SignIns, signed_in: SignedIn
) -> None:
    await sign_ins.sign_out(signed_in.token)
    await sign_ins.sign_out(signed_in.token)

    assert await sign_ins.who(signed_in.token) is None


async def test_a_sign_in_ends_without_activity_and_lasts_with_it(
    sign_ins: SignIns, signed_in: SignedIn, clock: Clock
) -> None:
    for _ in range(4):
        clock.advance(timedelta(hours=20))
        assert await sign_ins.who(signed_in.token) is not None
    clock.advance(timedelta(hours=25))

    assert await sign_ins.who(signed_in.token) is None


async def test_changing_the_password_ends_every_other_sign_in(
    sign_ins: SignIns, ben: NewUser, signed_in: SignedIn, clock: Clock
) -> None:
    other = await sign_ins.sign_in(ben.email, ben.one_time_password, ELSEWHERE)

    changed = await sign_ins.change_password(signed_in.token, ben.one_time_password, GOOD)
    clock.advance(timedelta(seconds=3))

    assert changed.must_change_password is False
    assert await sign_ins.who(changed.token) is not None
    assert await sign_ins.who(signed_in.token) is None
    assert await sign_ins.who(other.token) is None
    await sign_ins.sign_in(ben.email, GOOD, HOME)
    with pytest.raises(NotSignedIn):
        await sign_ins.sign_in(ben.email, ben.one_time_password, HOME)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "too_short"),
        ("x" * 300, "too_long"),
        ("aaaaaaaaaaaaaaaa", "guessable"),
        ("BEN@example.com", "guessable"),
        ("passwordpassword", "guessable"),
        ("half a pair \ud800 of", "not_text"),
    ],
)
async def test_a_weak_password_is_refused_with_the_reason(
    sign_ins: SignIns, ben: NewUser, signed_in: SignedIn, new: str, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        await sign_ins.change_password(signed_in.token, ben.one_time_password, new)

    assert [problem.code for problem in refusal.value.problems] == [code]


async def test_the_present_password_must_be_right_to_change_it(
    sign_ins: SignIns, signed_in: SignedIn
) -> None:
    with pytest.raises(Refused) as refusal:
        await sign_ins.change_password(signed_in.token, "wrong", GOOD)

    assert refusal.value.problems[0].place == "/current"


async def test_deactivating_and_resetting_end_sign_ins_within_seconds(
    store: Store, sign_ins: SignIns, ben: NewUser, signed_in: SignedIn, clock: Clock
) -> None:
    async with store.transaction() as session:
        password = await reset_password(session, SYSTEM, ben.id)
    clock.advance(timedelta(seconds=3))
    assert await sign_ins.who(signed_in.token) is None

    again = await sign_ins.sign_in(ben.email, password, HOME)
    async with store.transaction() as session:
        await deactivate_user(session, SYSTEM, ben.id)
    clock.advance(timedelta(seconds=3))
    assert await sign_ins.who(again.token) is None
    with pytest.raises(NotSignedIn):
        await sign_ins.sign_in(ben.email, password, HOME)


async def test_guessing_is_stopped_after_a_few_tries_and_told_for_how_long(
    sign_ins: SignIns, ben: NewUser
) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_ins.sign_in(ben.email, "guess", ELSEWHERE)

    with pytest.raises(LimitReached) as refusal:
        await sign_ins.sign_in(ben.email, ben.one_time_password, ELSEWHERE)
    assert refusal.value.retry_after is not None
    assert timedelta(0) < refusal.value.retry_after <= timedelta(minutes=5)


async def test_many_tries_at_the_same_moment_do_not_all_pass(
    sign_ins: SignIns, ben: NewUser
) -> None:
    tried = await asyncio.gather(
        *(sign_ins.sign_in(ben.email, f"guess {n}", ELSEWHERE) for n in range(20)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, NotSignedIn) for one in tried) == 5
    assert sum(isinstance(one, LimitReached) for one in tried) == 15


async def test_a_guesser_elsewhere_does_not_lock_the_owner_out(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    """Even when guesses come from many addresses: attempts wait, and nobody is refused for it."""
    limits = GuessLimits(
        pair=RateLimitItemPerMinute(2, 5),
        address=RateLimitItemPerMinute(3, 5),
        account=RateLimitItemPerMinute(6, 5),
    )
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    sign_ins = SignIns(store, clock.now, throttle=Throttle(limits), pause=pause)
    await sign_ins.sign_in(ben.email, ben.one_time_password, HOME)
    for number in range(6):
        with pytest.raises(NotSignedIn):
            await sign_ins.sign_in(ben.email, "guess", f"203.0.113.{number}")
    assert waited == []
    for number in range(6, 30):
        with pytest.raises(NotSignedIn):
            await sign_ins.sign_in(ben.email, "guess", f"203.0.113.{number}")
    assert waited == sorted(waited)
    assert (waited[0], waited[-1]) == (1, 10)

    waited.clear()
    await sign_ins.sign_in(ben.email, ben.one_time_password, HOME)
    assert waited == [], "where they usually sign in nobody waits"
    await sign_ins.sign_in(ben.email, ben.one_time_password, ELSEWHERE)
    assert waited == [10], "from a new address they wait, and come in"


async def test_one_address_trying_many_accounts_is_stopped(
    store: Store, clock: Clock, ben: NewUser
) -> None:
    limits = GuessLimits(
        pair=RateLimitItemPerMinute(2, 5),
        address=RateLimitItemPerMinute(3, 5),
        account=RateLimitItemPerMinute(50, 5),
    )
    sign_ins = SignIns(store, clock.now, throttle=Throttle(limits))
    for number in range(3):
        with pytest.raises(NotSignedIn):
            await sign_ins.sign_in(f"{number}@example.com", "guess", ELSEWHERE)

    with pytest.raises(LimitReached):
        await sign_ins.sign_in("another@example.com", "guess", ELSEWHERE)


async def test_signing_in_rightly_again_and_again_is_never_too_often(
    sign_ins: SignIns, ben: NewUser
) -> None:
    for _ in range(8):
        await sign_ins.sign_in(ben.email, ben.one_time_password, HOME)


def test_an_ipv6_customer_is_one_neighbour() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1")
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("::ffff:192.0.2.1") == neighbourhood("192.0.2.1")
    assert neighbourhood("testclient") == "testclient"
