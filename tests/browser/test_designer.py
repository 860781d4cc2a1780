"""What only a browser can tell: drawing, paging, languages, themes, a phone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from crm_store.session import Store
from tests.browser.conftest import Look
from tests.browser.house import MORE_CONTACTS, House
from tests.designer.seed import EMAIL, PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The mails of these tests try what they must not do; the browser says that it stopped them.
BLOCKED = ("Blocked script execution in 'about:srcdoc'", "tracker.test")


async def opened(page: Page, path: str) -> None:
    await page.goto(path)
    await page.locator(".cz-bar h1").wait_for()


async def test_signing_in_leads_to_where_one_wanted_to_go(look: Look, house: House) -> None:
    async with look(signed_in=False) as page:
        await page.goto("/runs?state=held")
        await page.fill("input[name=email]", EMAIL)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("form .is-main")
        await page.wait_for_url(f"{house.url}/runs?state=held")
        await expect(page.locator(".cz-table tbody tr")).to_have_count(1)
        await page.get_by_role("button", name="Sign out").click()
        await page.wait_for_url(f"{house.url}/sign-in")


async def test_the_flow_is_drawn_and_every_step_leads_to_its_people(look: Look) -> None:
    async with look() as page:
        await opened(page, "/flows")
        await page.get_by_role("link", name="Win back quiet customers").click()
        await page.locator(".fc.is-laid-out").wait_for()
        await expect(page.locator(".fc-node")).to_have_count(9)
        boxes = [await node.bounding_box() for node in await page.locator(".fc-node").all()]
        tops = [box["y"] for box in boxes if box]
        assert len(set(tops)) > 5, "the steps lie below each other"
        settle = page.locator(".vue-flow__node[data-id=settle]")
        await expect(settle).to_contain_text("1,191")
        await settle.click()
        await page.wait_for_url(re.compile("node=settle"))
        await expect(page.locator(".cz-table tbody tr")).to_have_count(2)


async def test_numbers_move_while_one_looks(look: Look, house: House) -> None:
    async with look() as page:
        await opened(page, "/flows/win_back")
        settle = page.locator(".vue-flow__node[data-id=settle]")
        await expect(settle).to_contain_text("1,191")
        await _count(house, 500)
        try:
            await expect(settle).to_contain_text("1,691", timeout=20_000)
            await expect(page.locator(".cz-strip")).to_contain_text("2,567")
        finally:
            await _count(house, -500)


async def _count(house: House, by: int) -> None:
    """People arrive at "settle", as the drivers write it."""
    store = Store(house.database_url, pool_size=1)
    async with store.transaction() as session:
        await session.execute(
            text("UPDATE node_count SET count = count + :by WHERE node = 'settle' AND exit = ''"),
            {"by": by},
        )
    await store.close()


async def test_a_run_is_told_and_its_way_is_coloured(look: Look) -> None:
    async with look(allowed=BLOCKED) as page:
        await opened(page, "/runs/1")
        await page.locator(".fc.is-laid-out").wait_for()
        await expect(page.locator(".fc-node.is-done")).to_have_count(7)
        await expect(page.locator(".fc-node.is-untouched")).to_have_count(2)
        timeline = page.locator(".cz-timeline")
        await expect(timeline).to_contain_text("score is 72, more than 50")
        await timeline.get_by_role("button", name="Visited", exact=True).first.click()
        await expect(page.locator(".vue-flow__node[data-id=visited] .is-selected")).to_be_visible()
        await timeline.get_by_role("link", name="Open the message").click()
        await expect(page.locator(".cz-bar h1")).to_have_text("We miss you, Ada")


async def test_contacts_turn_pages_and_are_searched_in_place(look: Look, house: House) -> None:
    total = await _contacts(house)
    assert total >= 8 + MORE_CONTACTS
    async with look() as page:
        await opened(page, "/contacts")
        told = page.locator(".cz-pager [role=status]")
        await expect(told).to_have_text(f"1-50 of {total}")
        await page.get_by_role("button", name="Next page").click()
        await expect(told).to_have_text(f"51-100 of {total}")
        await page.get_by_role("button", name="Last page").click()
        await expect(told).to_have_text(f"{total - 49}-{total} of {total}")
        await expect(page.get_by_role("button", name="Next page")).to_be_disabled()
        await page.get_by_role("button", name="First page").click()
        await expect(told).to_have_text(f"1-50 of {total}")
        await page.get_by_role("searchbox").fill("lindq")
        await expect(page.locator(".cz-table tbody tr")).to_have_count(1)
        await page.wait_for_url(re.compile(r"q=lindq"))
        await page.locator(".cz-table tbody tr").click(position={"x": 300, "y": 10})
        await expect(page.locator(".cz-bar h1")).to_have_text("Mia Lindqvist")


async def _contacts(house: House) -> int:
    """How many there are: other tests bring some in."""
    store = Store(house.database_url, pool_size=1)
    async with store.transaction() as session:
        found = await session.scalar(text("SELECT count(*) FROM contact"))
    await store.close()
    return int(found or 0)


async def test_a_mail_is_shown_and_can_do_nothing(look: Look) -> None:
    async with look(allowed=BLOCKED) as page:
        await opened(page, "/mailbox")
        await page.get_by_role("link", name="We miss you, Ada").click()
        frame = page.locator("iframe.cz-mail")
        await expect(frame).to_have_attribute("sandbox", "")
        await expect(page.frame_locator("iframe.cz-mail").locator("h1")).to_have_text(
            "We miss you, Ada"
        )
        assert "pwned" not in await page.title()
        await page.get_by_role("tab", name="Source").click()
        await expect(page.locator("pre")).to_contain_text("Message-ID: <key-1@cadenza.test>")
        await page.get_by_role("link", name="Why it was sent").click()
        await expect(page.locator(".cz-bar h1")).to_have_text("We miss you, Ada")


async def test_hostile_names_run_nothing(look: Look) -> None:
    async with look() as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        await opened(page, "/contacts?q=mallory")
        await page.locator(".cz-table tbody tr").click(position={"x": 300, "y": 10})
        await expect(page.locator(".cz-bar h1")).to_contain_text("<b>Mallory</b>")


async def test_language_and_theme_are_switched_where_one_is(look: Look) -> None:
    async with look() as page:
        await opened(page, "/runs?state=held")
        await page.get_by_role("link", name="中文").click()
        await expect(page.locator(".cz-bar h1")).to_have_text("运行")
        assert page.url.endswith("/runs?state=held")
        assert await page.locator("html").get_attribute("lang") == "zh-CN"
        await page.get_by_role("link", name="深色").click()
        await expect(page.locator("body")).to_have_class(re.compile("body--dark"))
