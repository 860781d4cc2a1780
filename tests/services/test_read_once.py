"""What is published is asked once a transaction; whoever waited for a lock asks anew."""

from __future__ import annotations

from crm_store.session import Store
from engine.services.read_once import ReadOnce
from tests.driving.test_driving import WELCOME
from tests.driving.world import CrashingStore, RememberingChannel, World


async def test_a_value_is_kept_for_its_transaction_alone(store: Store) -> None:
    met: ReadOnce[str] = ReadOnce()
    async with store.transaction() as one, store.transaction() as other:
        await one.connection()
        await other.connection()
        assert met.in_transaction(one) is None
        assert met.keep(one, "first") == "first"
        assert met.in_transaction(one) == "first"
        assert met.in_transaction(other) is None
        async with one.begin_nested():
            assert met.in_transaction(one) == "first"
    async with store.transaction() as later:
        await later.connection()
        assert met.in_transaction(later) is None


async def test_a_book_that_was_read_is_known_until_the_transaction_ends(store: Store) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    plans = world.parts.plans
    async with store.transaction() as session:
        assert plans.latest is None
        before = await plans.book(session)
        await world.publish(WELCOME)
        assert await plans.known(session) is before
        assert (await plans.book(session)).id_of("welcome_test") is not None
    async with store.transaction() as session:
        assert (await plans.known(session)).id_of("welcome_test") is not None
        assert plans.latest is await plans.known(session)
