"""Held runs in bulk, paused steps, and why somebody is or is not in a flow, as a person sees it."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from tests.designer.conftest import Visit


async def one(store: Store, sql: str) -> object:
    async with store.transaction() as session:
        return (await session.execute(text(sql))).scalar_one()


async def test_all_held_runs_of_a_flow_are_decided_at_once(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/runs?flow=win_back&state=held")
    await visit.user.should_see("1 run is held like this")
    visit.user.find(marker="do-stop_circle").click()
    await visit.user.should_see("This concerns 1 run.")
    visit.user.find(marker="confirm-stop_circle").click()
    await visit.user.should_not_see("1 run is held like this", retries=20)
    assert await one(seeded, "SELECT count(*) FROM run WHERE state = 'held'") == 0
    assert await one(seeded, "SELECT count(*) FROM run WHERE outcome = 'ended_by_hand'") == 1


async def test_held_runs_begin_at_another_step(visit: Visit) -> None:
    await visit.user.open("/runs?flow=win_back&state=held")
    visit.user.find(marker="do-alt_route").click()
    await visit.user.should_see("Let them begin at another step?")
    visit.user.find(marker="confirm-alt_route").click()
    await visit.user.should_see("Choose a step.")


async def test_a_step_is_paused_and_goes_on(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/runs?flow=win_back&node=offer&state=active")
    visit.user.find(marker="do-pause").click()
    visit.user.find(marker="confirm-pause").click()
    await visit.user.should_see("Pause this step?")
    await visit.user.open("/flows/win_back")
    await visit.user.should_see("“Offer” is paused, 0 wait")
    assert await one(seeded, "SELECT paused_nodes[1] FROM flow WHERE name = 'win_back'") == "offer"
    await visit.user.open("/runs?flow=win_back&node=offer&state=active")
    visit.user.find(marker="do-play_arrow").click()
    visit.user.find(marker="confirm-play_arrow").click()
    await visit.user.open("/flows/win_back")
    await visit.user.should_not_see("“Offer” is paused, 0 wait")


async def test_a_contact_page_leads_to_why_and_why_not(visit: Visit, seeded: Store) -> None:
    contact = await one(seeded, "SELECT min(id) FROM contact")
    await visit.user.open(f"/contacts/{contact}")
    await visit.user.should_see("Why, or why not?")
    await visit.user.open(f"/contacts/{contact}/why")
    await visit.user.should_see("Choose a flow")
    await visit.user.open(f"/contacts/{contact}/why?flow=win_back")
    await visit.user.should_see("The flow is published and open.")
    await visit.user.should_see("holdout")


async def test_the_page_of_a_run_says_what_it_waits_for(visit: Visit, seeded: Store) -> None:
    held = await one(seeded, "SELECT min(id) FROM run WHERE state = 'held'")
    await visit.user.open(f"/runs/{held}")
    await visit.user.should_see("Where it stands, and why")
    await visit.user.should_see("Held for")
