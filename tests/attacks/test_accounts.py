"""Attacks on accounts, sign-ins and roles: each on a database of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.people import create_user, ensure_roles
from engine.services.secrets import box_of
from engine.services.sign_in import SignIns
from tests.attacks.accounts import CASES, House
from tests.attacks.case import LiveCase
from tests.clock import Clock


@pytest.fixture
async def house(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> House:
    box = box_of({}, ["a secret key of the tests, long enough"])
    sign_ins = SignIns(store, clock.now, lifetime=timedelta(days=1), secrets=box)
    async with store.transaction() as session:
        await ensure_roles(session)
        ben = await create_user(
            session, SYSTEM, email="ben@example.com", name="Ben", role="marketer"
        )
    return House(store, clock, sign_ins, box, ben, monkeypatch)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_it_ends_as_expected(case: LiveCase, house: House) -> None:
    await case.attack(house)
