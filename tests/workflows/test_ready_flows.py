"""The ready flows on a real Temporal and a real database: everybody travels to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_store.session import Store
from engine.flows.holdout import is_held_out
from engine.flows.load import load_flow
from engine.rules import Catalogue
from engine.steps import STEP_KINDS
from tests.workflows.crm_people import People, every
from tests.workflows.moved_clock import FAR_AHEAD, MovedClock, with_moved_clock

FOLDER = Path(__file__).parents[2] / "templates" / "flows"
# Other systems and our own people answer there: tests/driving/test_closed_deal_to_erp.py and
# tests/driving/test_complaints.py have them.
ELSEWHERE = ("closed_deal_to_erp", "complaint_handling")
SOURCES = {
    file.stem: file.read_text("utf-8")
    for file in sorted(FOLDER.glob("*.yaml"))
    if file.stem not in ELSEWHERE
}
APRIL = datetime(2037, 4, 1, tzinfo=UTC)


@pytest.fixture
async def clock(store: Store, temporal_address: str) -> AsyncIterator[MovedClock]:
    async with with_moved_clock(store, temporal_address) as moved:
        yield moved


def never_held_out(number: int) -> bool:
    """Whether the contact of this number belongs to the holdout of none of the ready flows."""
    catalogue = Catalogue.standard()
    flows = [
        load_flow(source, file=name, kinds=STEP_KINDS, catalogue=catalogue)
        for name, source in SOURCES.items()
    ]
    return not any(is_held_out(flow.name, number, flow.holdout_percent) for flow in flows)


async def crowd(clock: MovedClock) -> People:
    """Everybody's past, up to the day on which the flows are published."""
    people = People(clock)
    wanted = ("Ada", "Bea", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan", "Kim", "Lea")
    settings: dict[str, dict[str, Any]] = {
        "Ada": {"country": "SG", "time_zone": "Asia/Singapore"},
        "Fay": {"country": "SG"},
    }
    settings["Jan"] = {"birthday": date(1990, 4, 1)}
    customers = ("Eve", "Gus", "Hal", "Ida", "Jan")
    number = 0
    for name in wanted:
        number += 1
        while not never_held_out(number):
            await people.add(f"Nobody{number}")
            number += 1
        stage = {"lifecycle_stage": "customer"} if name in customers else {}
        await people.add(name, **settings.get(name, {}), **stage)
        assert people.ids[name] == number
    await people.ordered("Eve", FAR_AHEAD - timedelta(days=120))
    await people.ordered("Hal", APRIL - timedelta(days=365), FAR_AHEAD - timedelta(days=30))
    await people.won_a_deal("Gus", datetime(2036, 4, 30, 12, tzinfo=UTC))
    await people.looked_around("Ida", *every(1, FAR_AHEAD, APRIL - timedelta(days=9)))
    await people.asked_for_messages("Lea", FAR_AHEAD)
    await people.had_a_ticket("Kim", FAR_AHEAD)
    return people


async def test_everybody_gets_what_the_ready_flows_promise(clock: MovedClock) -> None:
    people = await crowd(clock)
    for source in SOURCES.values():
        await clock.world.publish(source)
    await clock.settle()
    await people.does("Ada", "Signed Up")
    await people.does("Bea", "Demo Requested", team_size=12)
    await people.does("Cleo", "Checkout Started")
    await people.does("Dan", "Order Completed", category="coffee machines")
    await people.does("Fay", "Signed Up")
    await people.does("Lea", "Subscription Requested", request_id=1)
    await people.was_told_of("Kim", "Ticket Closed", ticket_id=1, survey=True)
    await clock.after(days=1)
    await people.does("Ada", "Page Viewed")
    await clock.after(days=3)
    await people.does("Fay", "Visited Pricing")
    await people.does("Fay", "Checkout Started")

    # the days on which dates come and schedules fire
    await clock.go_to(APRIL - timedelta(days=1))
    await clock.look_around(until=APRIL + timedelta(hours=10))
    await clock.after(days=60)

    assert await people.mails("Ada") == ["welcome", "offer"]
    assert await people.mails("Bea") == ["request_received"]
    assert len(await people.tasks("Bea")) == 2
    assert await people.mails("Cleo") == ["cart_reminder", "cart_last_call"]
    assert await people.mails("Dan") == ["care_tips_start", "review_request", "care_tips_month"]
    assert await people.mails("Eve") == ["win_back", "win_back_offer"]
    assert (await people.mails("Fay"))[-2:] == ["still_interested", "shall_we_stop"]
    assert (await people.outcomes("Fay"))["re_engagement"] == "let_go"
    assert await people.mails("Gus") == ["renewal_notice", "renewal_last_notice"]
    assert len(await people.tasks("Gus")) == 1
    assert await people.mails("Hal") == ["anniversary_thanks"]
    assert await people.mails("Jan") == ["birthday_wish"]
    assert await people.mails("Kim") == ["ticket_survey"]
    assert await people.mails("Lea") == ["confirm_subscription"]
    assert await people.mails("Ida") == []
    assert await people.tickets("Ida") == ["Ida has fallen silent"]
    assert await people.tasks("Ida") == ["Nobody took up that Ida fell silent"]
    left = await clock.world.rows(
        "SELECT f.name, r.subject_id, r.node, r.state, r.due_at FROM run r JOIN flow f"
        " ON f.id = r.flow_id WHERE r.state <> 'ended'"
    )
    assert left == []
    assert max(clock.world.channel.counts().values()) == 1
    travelled = await clock.world.rows(
        "SELECT DISTINCT f.name FROM run r JOIN flow f ON f.id = r.flow_id"
    )
    assert {row[0] for row in travelled} == set(SOURCES)
