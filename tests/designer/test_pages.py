"""Pages as a person meets them, without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import ui
from sqlalchemy import select, text

from crm_store.models import Flow, FlowState
from crm_store.session import Store
from designer.components.data_table import DataTable
from designer.components.flow_canvas import FlowCanvas
from designer.flow_graph import Graph
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.approvals.publishing import require_chain
from engine.services.definitions.publishing import publish
from tests.designer.conftest import Visit, opened
from tests.designer.seed import EMAIL


def table(visit: Visit) -> DataTable:
    return next(iter(visit.user.find(DataTable).elements))


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def cells(visit: Visit) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table(visit).rows]


async def test_home_says_what_waits_and_what_to_do(visit: Visit) -> None:
    await visit.user.open("/")
    await visit.user.should_see("1 person is held in a flow")
    await visit.user.should_see("1 message may or may not have been sent")
    await visit.user.should_see("Bring your contacts")


async def test_an_empty_house_shows_a_newcomer_the_first_steps(
    store: Store, password_hash: str
) -> None:
    from tests.designer.seed import _people

    async with store.transaction() as session:
        await _people(session, password_hash, one_time=False)
    async with opened(store) as visit:
        await visit.sign_in()
        await visit.user.open("/")
        await visit.user.should_see("What to do next")
        await visit.user.should_see("cadenza import contacts.csv --as contacts")
        for path, words in (
            ("/flows", "No flows yet"),
            ("/runs", "Nobody is in a flow yet"),
            ("/messages", "Nothing was sent yet"),
            ("/contacts", "No contacts yet"),
            ("/mailbox", "Mail really goes out"),
        ):
            await visit.user.open(path)
            await visit.user.should_see(words)


async def test_flows_show_their_numbers_and_lead_to_the_flow(visit: Visit) -> None:
    await visit.user.open("/flows")
    await visit.user.should_see(DataTable)
    line = next(row for row in table(visit).rows if row.address == "/flows/win_back")
    assert [cell.text for cell in line.cells[1:8]] == [
        "Live",
        "2,067",
        "4,218",
        "2,150",
        "1",
        "2",
        "1",
    ]
    assert line.cells[5].address == "/runs?flow=win_back&state=held"


async def test_a_flow_is_drawn_with_its_numbers(visit: Visit) -> None:
    await visit.user.open("/flows/win_back")
    await visit.user.should_see(FlowCanvas)
    canvas = next(iter(visit.user.find(FlowCanvas).elements))
    assert isinstance(canvas.graph, Graph)
    assert [node.id for node in canvas.graph.nodes][:3] == ["$trigger", "first_touch", "settle"]
    await visit.user.should_see("4,218")


async def test_clicking_a_step_leads_to_the_people_on_it(visit: Visit) -> None:
    await visit.user.open("/flows/win_back")
    await visit.user.should_see(FlowCanvas)
    visit.user.find(FlowCanvas).trigger("select", {"node": "settle"})
    await visit.user.should_see("Step: Settle")
    assert len(cells(visit)) == 2


async def test_a_made_up_step_leads_nowhere(visit: Visit) -> None:
    await visit.user.open("/flows/win_back")
    await visit.user.should_see(FlowCanvas)
    visit.user.find(FlowCanvas).trigger("select", {"node": "&state=ended"})
    visit.user.find(FlowCanvas).trigger("select", ["settle"])
    await visit.user.should_see(FlowCanvas)


async def test_pausing_says_what_it_does_and_does_it(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/flows/win_back")
    visit.user.find(marker="do-pause").click()
    await visit.user.should_see("2,067 people stay where they are.")
    visit.user.find(marker="confirm").click()
    await visit.user.should_see("Paused", retries=30)
    async with seeded.transaction() as session:
        flow = await session.scalar(select(Flow).where(Flow.name == "win_back"))
        assert flow is not None
        assert flow.state == FlowState.PAUSED
        by = await session.scalar(text("SELECT actor_name FROM audit WHERE subject_kind = 'flow'"))
        assert by == "Ben Adeyemi"
    await visit.user.should_see(marker="do-play_arrow", retries=30)


async def test_publishing_says_what_it_does_and_lets_people_in(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/flows/welcome")
    visit.user.find(marker="do-rocket_launch").click()
    await visit.user.should_see("New people enter this version from now on.")
    visit.user.find(marker="confirm").click()
    await visit.user.should_see(FlowCanvas, retries=30)
    async with seeded.transaction() as session:
        state = await session.scalar(select(Flow.state).where(Flow.name == "welcome"))
    assert state == FlowState.ACTIVE


async def test_where_a_chain_must_agree_to_a_flow_it_is_asked(visit: Visit, seeded: Store) -> None:
    chain = "approval_chain: review\nlevels:\n  - {key: one, approvers: [{role: admin}]}\n"
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(chain, "review.yaml"))
        await require_chain(session, SYSTEM, "flow", "", "review")
    await visit.user.open("/flows/welcome")
    visit.user.find(marker="do-rocket_launch").click()
    visit.user.find(marker="confirm").click()
    await visit.user.should_see("“review” must agree to this first", retries=30)
    visit.user.find(marker="ask-rocket_launch").click()
    await visit.user.should_see("They were asked", retries=30)
    async with seeded.transaction() as session:
        asked = await session.scalar(text("SELECT details->>'name' FROM approval_request"))
    assert asked == "welcome"


async def test_a_draft_with_mistakes_says_where_they_are(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(
            text("UPDATE flow SET draft_source = replace(draft_source, 'welcome', 'wellcome')")
        )
        await session.execute(text("UPDATE flow SET name = 'wellcome' WHERE name = 'welcome'"))
    await visit.user.open("/flows/wellcome?view=draft")
    await visit.user.should_see("Problems")
    problems = next(iter(visit.user.find(kind=DataTable).elements))
    assert any("wellcome" in cell.text for row in problems.rows for cell in row.cells)
    assert any(cell.sub.startswith("wellcome.yaml:") for row in problems.rows for cell in row.cells)
    visit.user.find(marker="do-rocket_launch").click()
    visit.user.find(marker="confirm").click()
    await visit.user.should_see("It cannot be published yet:", retries=30)


async def test_who_may_not_pause_sees_no_button(seeded: Store) -> None:
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        await visit.user.open("/flows/win_back")
        await visit.user.should_see("Live")
        await visit.user.should_not_see(marker="do-pause")
        await visit.user.open("/mailbox")
        await visit.user.should_see("You may not see this")


async def test_a_page_left_open_can_do_nothing_after_signing_out(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/flows/win_back")
    visit.user.find(marker="do-pause").click()
    await visit.http.post("/sign-out")
    visit.user.find(marker="confirm").click()
    async with seeded.transaction() as session:
        state = await session.scalar(select(Flow.state).where(Flow.name == "win_back"))
    assert state == FlowState.ACTIVE


async def test_a_list_left_open_asks_to_sign_in_again(visit: Visit) -> None:
    await visit.user.open("/contacts")
    await visit.user.should_see(DataTable)
    await visit.http.post("/sign-out")
    asked: list[str] = []
    visit.user.navigate.to = asked.append  # type: ignore[method-assign, assignment]
    visit.user.find(kind=ui.input, marker="search").type("ada")
    await wait_for(lambda: asked == ["/sign-in?next=/contacts"])


async def test_the_steps_are_listed_for_who_cannot_see_the_drawing(visit: Visit) -> None:
    await visit.user.open("/flows/win_back?view=steps")
    await visit.user.should_see(DataTable)
    assert ["Settle", "3 days", "1,191", "0", "4,102", "Visited"] in cells(visit)


async def test_a_draft_says_that_nobody_enters(visit: Visit) -> None:
    await visit.user.open("/flows/welcome")
    await visit.user.should_see("Never published")


async def test_runs_are_narrowed_by_state_and_found_by_name(visit: Visit) -> None:
    await visit.user.open("/runs?state=held")
    await visit.user.should_see(DataTable)
    assert [row[0] for row in cells(visit)] == ["Mia Lindqvist"]
    assert cells(visit)[0][3] == "First touch"
    await visit.user.open("/runs?q=ada")
    await visit.user.should_see(DataTable)
    assert [row[0] for row in cells(visit)] == ["Ada Okafor"]
    await visit.user.open("/runs?q=nobody-at-all")
    await visit.user.should_see("No run is like this")


async def test_a_run_tells_its_story_beside_the_drawing(visit: Visit) -> None:
    await visit.user.open("/runs/1")
    await visit.user.should_see("Message sent to ada@example.test")
    await visit.user.should_see("score is 72, more than 50")
    await visit.user.should_see(FlowCanvas)


async def test_places_that_do_not_exist_are_answered_in_words(visit: Visit) -> None:
    for path in ("/runs/999", "/runs/abc", "/contacts/999", "/messages/x", "/flows/none"):
        await visit.user.open(path)
        await visit.user.should_see("This is not here")


async def test_the_contact_page_has_everything_with_a_way_to_it(visit: Visit) -> None:
    await visit.user.open("/contacts/1")
    for words in ("Ada Okafor", "newsletter", "2 orders, €174.50"):
        await visit.user.should_see(words)
    tables = visit.user.find(DataTable).elements
    assert any(cell.text == "Call Ada" for one in tables for row in one.rows for cell in row.cells)
    addresses = {row.address for one in tables for row in one.rows}
    assert {"/runs/1", "/messages/1"} <= addresses


async def test_hostile_names_stay_text(visit: Visit) -> None:
    await visit.user.open("/contacts?q=mallory")
    await visit.user.should_see(DataTable)
    assert cells(visit)[0][0] == "<b>Mallory</b> <img src=x onerror=alert(1)>"


async def test_maybe_sent_messages_have_a_list_that_says_why(visit: Visit) -> None:
    await visit.user.open("/messages?state=maybe_sent")
    await visit.user.should_see("The connection broke after the message was handed over and before")
    assert [row[0] for row in cells(visit)] == ["さくら 田中"]
    await visit.user.open("/messages?state=maybe_sent&flow=welcome")
    await visit.user.should_see("Nothing is in doubt")


async def test_language_and_theme_are_chosen_per_browser(visit: Visit) -> None:
    answer = await visit.http.get("/preferences?language=zh-CN&theme=dark&next=/flows")
    assert answer.headers["location"] == "/flows"
    await visit.user.open("/flows")
    await visit.user.should_see("流程")
    page = await visit.http.get("/flows")
    assert '<html lang="zh-CN"' in page.text
    assert 'content="dark"' in page.text


async def test_the_persons_own_language_is_used_where_none_was_chosen(seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(
            text('UPDATE "user" SET language = :language WHERE email = :email'),
            {"language": "zh", "email": EMAIL},
        )
    async with opened(seeded) as visit:
        await visit.sign_in()
        await visit.user.open("/")
        await visit.user.should_see("首页")


async def test_searching_replaces_the_page_in_place(visit: Visit) -> None:
    await visit.user.open("/contacts")
    await visit.user.should_see(DataTable)
    assert len(cells(visit)) == 8
    field = visit.user.find(kind=ui.input, marker="search")
    field.type("lindq")
    await visit.user.should_see("1-1 of 1", retries=100)
    assert [row[0] for row in cells(visit)] == ["Mia Lindqvist"]


async def test_a_held_run_is_ended_by_whoever_decides(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/runs/2")
    await visit.user.should_see("Try again")
    visit.user.find(marker="do-stop_circle").click()
    await visit.user.should_see("The contact gets nothing more from this run.")
    visit.user.find(marker="confirm-stop_circle").click()
    await visit.user.should_not_see("Try again", retries=30)
    async with seeded.transaction() as session:
        found = await session.execute(text("SELECT state, outcome FROM run WHERE id = 2"))
        assert tuple(found.one()) == ("ended", "ended_by_hand")
    await visit.user.open("/runs/2")
    await visit.user.should_see("Ben Adeyemi decided")


async def test_who_may_not_decide_sees_no_decision(seeded: Store) -> None:
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        await visit.user.open("/runs/2")
        await visit.user.should_see("What to do")
        await visit.user.should_not_see("Try again")
