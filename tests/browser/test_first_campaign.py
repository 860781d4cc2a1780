"""One sitting: a campaign is drawn, tried and published, somebody comes in, and gets their mail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import text

from engine.services.actor import SYSTEM
from engine.services.write_keys import create_write_key
from tests.browser.conftest import Look
from tests.browser.drivers import Drivers, driving
from tests.browser.house import House
from tests.browser.test_designer import BLOCKED
from tests.browser.test_flow_editor import add, choose_template, lead

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLOW: Final = "samples"
EVENT: Final = "Asked For Samples"


@pytest_asyncio.fixture(loop_scope="session")
async def drivers(house: House) -> AsyncIterator[Drivers]:
    async with driving(house) as found:
        yield found


async def begin(page: Page) -> None:
    """An empty flow whose door is an event."""
    await page.goto("/new-flow")
    await page.get_by_label("Name of the flow", exact=True).fill("Samples")
    await page.get_by_role("button", name="Begin").click()
    await page.wait_for_url(f"**/flows/{FLOW}/edit")
    await page.locator(".fc.is-laid-out").wait_for()
    await page.get_by_label("What lets people in").click()
    await page.get_by_role("option", name="An event").click()
    field = page.get_by_role("combobox", name="Event", exact=True).first
    await field.fill(EVENT)
    await field.press("Enter")
    trigger = page.locator('.vue-flow__node[data-id="$trigger"]')
    await expect(trigger).to_contain_text(EVENT)
    note = page.get_by_label("Where consent comes from")
    await note.fill("They ticked the box under the form for samples.")
    await note.blur()


async def build_rule(page: Page) -> None:
    await page.locator(".fe-side").get_by_role("button", name="Edit the rule").first.click()
    dialog = page.get_by_role("dialog", name="Rule builder")
    await dialog.get_by_role("button", name="Add a condition").last.click()
    search = page.get_by_label("Search what to ask")
    await search.fill("Country")
    await expect(page.locator(".rb-offer").first).to_contain_text("Country")
    await search.press("Enter")
    await dialog.get_by_label("Value", exact=True).fill("NG")
    await expect(dialog.locator(".rb-said")).to_contain_text("country is")
    await dialog.get_by_role("button", name="Use this rule").click()
    await expect(dialog).to_be_hidden()


async def draw(page: Page) -> None:
    """Five steps: is it her country, a letter, three days, another letter, the end."""
    await begin(page)
    await add(page, "branch", "branch")
    await build_rule(page)
    await add(page, "send_message", "send_message")
    await choose_template(page, "product_news")
    await add(page, "wait", "wait")
    await add(page, "send_message", "send_message_2")
    await choose_template(page, "win_back_offer")
    await add(page, "exit", "exit")
    lost = ("could not be delivered", "not allowed to send")
    await page.get_by_role("button", name="Show everything").click()
    await lead(page, "branch", "otherwise")
    await lead(page, "send_message", *lost)
    await lead(page, "send_message_2", *lost)
    await page.get_by_role("tab", name="Problems").click()
    await expect(page.locator(".fe-problem")).to_have_count(0)


async def try_it(page: Page) -> None:
    """With Ada, who is in the country; her letter is seen before anything is published."""
    await page.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("link", name="Try it").click()
    await page.get_by_role("button", name="Choose a contact…").click()
    await page.get_by_placeholder("Name or e-mail").fill("okafor")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.get_by_role("option").filter(has_text="Ada Okafor").click()
    await expect(page.locator(".fc-node.is-done")).to_have_count(6)
    await page.get_by_role("button", name="Show the message").first.click()
    letter = page.frame_locator(".cz-try__dialog iframe")
    await expect(letter.locator("body")).to_contain_text("Ada")
    await page.keyboard.press("Escape")
    await page.go_back()


async def publish(page: Page) -> None:
    await page.get_by_role("button", name="Publish", exact=True).first.click()
    dialog = page.locator(".fe-publish")
    await expect(dialog.get_by_text("It becomes version 1.")).to_be_visible()
    await dialog.get_by_role("button", name="Publish", exact=True).click()
    await dialog.get_by_role("link", name="Watch it live").click()
    await page.wait_for_url(f"**/flows/{FLOW}")
    await page.locator(".fc.is-laid-out").wait_for()


async def send_event(house: House, drivers: Drivers) -> None:
    """The shop tells that Ada asked for samples, with the key it was given."""
    async with drivers.store.store.transaction() as session:
        await session.execute(
            text("UPDATE contact SET external_id = 'ada' WHERE email = 'ada@example.test'")
        )
        key = (await create_write_key(session, SYSTEM, "shop")).key
    async with httpx2.AsyncClient(base_url=house.url, auth=httpx2.BasicAuth(key, "")) as shop:
        said = {"userId": "ada", "event": EVENT, "messageId": "samples-1"}
        answer = await shop.post("/v1/track", json=said)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    await drivers.until_quiet(FLOW)


async def test_a_campaign_is_drawn_tried_published_and_reaches_somebody(
    look: Look, house: House, drivers: Drivers
) -> None:
    async with look(allowed=BLOCKED) as page:
        await draw(page)
        await try_it(page)
        await publish(page)
        wait = page.locator(".vue-flow__node[data-id=wait]")
        await expect(wait.locator(".fc-count").first).to_have_text(re.compile("0$"))
        await send_event(house, drivers)
        await expect(wait.locator(".fc-count").first).to_have_text(re.compile("1$"))
        await page.goto("/mailbox")
        await page.locator(".cz-table tbody tr").first.get_by_role("link").click()
        letter = page.frame_locator("iframe.cz-mail")
        await expect(letter.locator("body")).to_contain_text("Ada")
