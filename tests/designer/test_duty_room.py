"""The week of duty in the inbox, and swapping it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crm_store.session import Store
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from engine.services.escalations import duty
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL
from tests.designer.seeded_runs import NOW

PATIENCE = 100
POLICY = f"""
escalation_policy: care
levels: [{{to: "on_duty:first"}}]
rotations:
  first: {{turns: daily, starts: 2026-01-01, zone: UTC, members: [{EMAIL}]}}
"""


@pytest.fixture
async def policy(seeded: Store) -> None:
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(POLICY, "care.yaml"), now=NOW)


def field(visit: Visit, marker: str) -> Any:
    (found,) = visit.user.find(marker=marker).elements
    return found


async def test_without_duties_one_is_told_where_they_come_from(visit: Visit) -> None:
    await visit.user.open("/inbox?tab=duty")
    await visit.user.should_see("No duties yet", retries=PATIENCE)


@pytest.mark.usefixtures("policy")
async def test_a_duty_is_swapped_and_the_swap_taken_back(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/inbox?tab=duty")
    await visit.user.should_see(marker="week-care-first", retries=PATIENCE)
    field(visit, "swap-until").value = "2020-01-01"
    visit.user.find(marker="confirm-swap").click()
    await visit.user.should_see("it must end after it begins", retries=PATIENCE)
    field(visit, "swap-until").value = (NOW.date() + timedelta(days=3)).isoformat()
    visit.user.find(marker="confirm-swap").click()
    await visit.user.should_see("Swaps", retries=PATIENCE)
    async with seeded.transaction() as session:
        [swap] = await duty.list_overrides(session, SYSTEM, NOW)
    assert (swap.rotation, swap.user_id) == ("first", 1)
    visit.user.find(marker="confirm-undo").click()
    await visit.user.should_not_see("Swaps", retries=PATIENCE)
    async with seeded.transaction() as session:
        assert await duty.list_overrides(session, SYSTEM, NOW) == []


@pytest.mark.usefixtures("policy")
async def test_weeks_without_end_or_sense_are_this_week(visit: Visit) -> None:
    for week in ("x", "9999-12-31", "0001-01-01"):
        await visit.user.open(f"/inbox?tab=duty&week={week}")
        await visit.user.should_see(marker="week-care-first", retries=PATIENCE)
