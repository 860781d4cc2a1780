"""Cases in the inbox: what waits, who was told when, answers, and who is on duty."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nicegui import ui

from crm_store.session import Store
from designer.components.data_table import DataTable
from engine.definitions import read_definition
from engine.escalations.urgency import Urgency
from engine.flows.words import Words
from engine.services.actor import SYSTEM
from engine.services.definitions.publishing import publish
from engine.services.escalations import OpenCase, open_case, show_case
from engine.services.pokes import NoPokes
from engine.services.work import working
from tests.asked_here import AskedHere
from tests.browser.serve import FixedRuntime
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL

POLICY = f"""
escalation_policy: care
levels: [{{to: "on_duty:first"}}, {{to: "role:admin", after: 2h}}]
rotations:
  first: {{turns: daily, starts: 2026-01-01, zone: UTC, members: [{EMAIL}]}}
"""
PATIENCE = 100


@pytest.fixture
async def case(visit: Visit, seeded: Store) -> int:
    """Something that the person who looks was told of an hour ago."""
    runtime: FixedRuntime = visit.runtime
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(POLICY, "care.yaml"), now=runtime.now())
    began = runtime.now() - timedelta(hours=1)
    runtime.pokes = AskedHere(seeded, runtime.shared, runtime.now)
    async with working(seeded, runtime.shared, NoPokes(), began) as work:
        return await open_case(
            work,
            OpenCase(
                policy="care",
                subject_kind="contact",
                subject_id=1,
                title=Words("Angry about a <b>late</b> delivery", "对迟到的交货不满"),
                body=Words("Wants to be called today.", "希望今天回电。"),
                urgency=Urgency.HIGH,
                key="test",
            ),
        )


def table(visit: Visit, caption: str) -> DataTable:
    found = visit.user.find(DataTable).elements
    return next(one for one in found if one._props["caption"] == caption)


async def test_cases_stand_in_the_inbox_with_who_was_told_and_who_is_on_duty(
    visit: Visit, case: int
) -> None:
    await visit.user.open("/inbox?tab=cases")
    await visit.user.should_see(DataTable, retries=PATIENCE)
    [row] = table(visit, "Cases").rows
    assert row.address == f"/inbox?tab=cases&case={case}"
    words = [cell.text for cell in row.cells]
    assert words[:4] == ["Angry about a <b>late</b> delivery", "Waits for somebody", "High", "1"]
    [duty] = table(visit, "On duty").rows
    assert [cell.text for cell in duty.cells[:1]] == ["first"]
    assert duty.cells[1].text != "Nobody"


async def test_a_case_is_taken_up_and_resolved_with_a_comment(
    visit: Visit, seeded: Store, case: int
) -> None:
    await visit.user.open(f"/inbox?tab=cases&case={case}")
    await visit.user.should_see("Wants to be called today.", retries=PATIENCE)
    log = table(visit, "Who was told when").rows
    assert "was told" in log[0].cells[1].text
    assert log[0].cells[1].sub == "on duty: first"
    visit.user.find(marker="confirm-pan_tool").click()
    await visit.user.should_not_see(marker="do-pan_tool", retries=PATIENCE)
    visit.user.find(ui.textarea).type("Called her.")
    visit.user.find(marker="confirm-resolve").click()
    await visit.user.should_not_see(marker="do-resolve", retries=PATIENCE)
    await visit.user.should_see("Called her.")
    async with seeded.transaction() as session:
        found, steps = await show_case(session, SYSTEM, case)
    assert (found.status, found.comment) == ("resolved", "Called her.")
    assert [one.kind for one in steps] == ["told", "taken", "ended"]


async def test_nobody_to_take_anything_up_and_strange_numbers_are_words(visit: Visit) -> None:
    await visit.user.open("/inbox?tab=cases&case=x")
    await visit.user.should_see("Nothing waits to be taken up", retries=PATIENCE)
    await visit.user.open("/inbox?tab=cases&case=9")
    await visit.user.should_see("This is not here", retries=PATIENCE)
