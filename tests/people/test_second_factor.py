"""Codes beside the password: right once, and a way in without the telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import NotSignedIn, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.people import NewUser
from engine.services.second_factor.codes import code_at, new_recovery_codes, new_secret, step_of
from engine.services.second_factor.keeping import (
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    second_factor_of,
    take_second_factor_away,
)
from engine.services.secrets import SecretBox, box_of
from engine.services.sign_in import SecondFactorNeeded, SignIns
from tests.clock import Clock

HOME = "192.0.2.1"


@pytest.fixture
def box() -> SecretBox:
    return box_of({}, ["a secret key of the tests, long enough"])


@pytest.fixture
def doors(store: Store, clock: Clock, box: SecretBox) -> SignIns:
    return SignIns(store, clock.now, lifetime=timedelta(days=1), secrets=box)


async def enrol(store: Store, clock: Clock, box: SecretBox, ben: NewUser) -> tuple[str, list[str]]:
    actor = Actor("user", ben.id, "Ben", "marketer")
    async with store.transaction() as session:
        begun = await begin_second_factor(session, actor)
        code = code_at(begun.secret, clock.now())
        made = await confirm_second_factor(session, actor, box, begun.secret, code, clock.now())
    return begun.secret, made


async def half_of(doors: SignIns, ben: NewUser) -> str:
    with pytest.raises(SecondFactorNeeded) as needed:
        await doors.sign_in(ben.email, ben.one_time_password, HOME)
    return needed.value.half


async def test_a_password_alone_lets_nobody_in_and_a_code_does_once(
    store: Store, clock: Clock, box: SecretBox, doors: SignIns, ben: NewUser
) -> None:
    secret, _ = await enrol(store, clock, box, ben)
    half = await half_of(doors, ben)
    assert await doors.who(half) is None

    with pytest.raises(SecondFactorNeeded):
        await doors.finish(half, code_at(secret, clock.now()), HOME)  # it set the factor up
    clock.advance(timedelta(seconds=30))
    code = code_at(secret, clock.now())
    signed_in = await doors.finish(half, code, HOME)
    assert await doors.who(signed_in.token) == signed_in

    with pytest.raises(NotSignedIn, match="too long"):
        await doors.finish(half, code, HOME)
    again = await half_of(doors, ben)
    with pytest.raises(SecondFactorNeeded):
        await doors.finish(again, code, HOME)


async def test_a_recovery_code_works_once_and_counts_down(
    store: Store, clock: Clock, box: SecretBox, doors: SignIns, ben: NewUser
) -> None:
    _, codes = await enrol(store, clock, box, ben)

    await doors.finish(await half_of(doors, ben), f" {codes[0].upper()} ", HOME)
    with pytest.raises(SecondFactorNeeded):
        await doors.finish(await half_of(doors, ben), codes[0], HOME)

    async with store.transaction() as session:
        left = await second_factor_of(session, Actor("user", ben.id, "Ben", "marketer"))
        kept = (
            await session.execute(text('SELECT r::text, u::text FROM recovery_code r, "user" u'))
        ).all()
    assert left.recovery_codes_left == 9
    assert not any(code in str(kept) for code in codes)


async def test_five_wrong_codes_end_the_half_and_late_ones_too(
    store: Store, clock: Clock, box: SecretBox, doors: SignIns, ben: NewUser
) -> None:
    secret, _ = await enrol(store, clock, box, ben)
    clock.advance(timedelta(seconds=60))
    half = await half_of(doors, ben)
    for number in range(5):
        with pytest.raises(SecondFactorNeeded):
            await doors.finish(half, "000000", f"198.51.100.{number}")
    with pytest.raises(NotSignedIn, match="too long"):
        await doors.finish(half, code_at(secret, clock.now()), "198.51.100.9")

    late = await half_of(doors, ben)
    clock.advance(timedelta(minutes=6))
    with pytest.raises(NotSignedIn, match="too long"):
        await doors.finish(late, code_at(secret, clock.now()), "198.51.100.9")


async def test_it_is_removed_with_a_code_and_taken_away_by_an_admin(
    store: Store, clock: Clock, box: SecretBox, doors: SignIns, ben: NewUser
) -> None:
    actor = Actor("user", ben.id, "Ben", "marketer")
    _, codes = await enrol(store, clock, box, ben)
    with pytest.raises(Refused):
        async with store.transaction() as session:
            await remove_second_factor(
                session, actor, box, "123456", clock.now(), guesses=doors.guesses
            )
    async with store.transaction() as session:
        await remove_second_factor(
            session, actor, box, codes[1], clock.now(), guesses=doors.guesses
        )
    await doors.sign_in(ben.email, ben.one_time_password, HOME)

    await enrol(store, clock, box, ben)
    async with store.transaction() as session:
        await take_second_factor_away(session, SYSTEM, ben.id)
    await doors.sign_in(ben.email, ben.one_time_password, HOME)


async def test_a_key_that_acts_for_somebody_does_not_set_up_their_factor(
    store: Store, ben: NewUser
) -> None:
    key = Actor("user", ben.id, "Ben", "marketer", frozenset({("read", "contact")}))
    async with store.transaction() as session:
        with pytest.raises(NotSignedIn):
            await begin_second_factor(session, key)


def test_codes_of_the_steps_beside_are_right_and_others_are_not(clock: Clock) -> None:
    secret, now = new_secret(), clock.now()
    for seconds, right in ((-30, True), (0, True), (30, True), (-90, False), (90, False)):
        code = code_at(secret, now + timedelta(seconds=seconds))
        assert (step_of(secret, code, now) is not None) is right, seconds
    for nonsense in ("", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\ud800" * 6):
        assert step_of(secret, nonsense, now) is None
    assert len(set(new_recovery_codes())) == 10
