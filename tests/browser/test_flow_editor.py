"""A campaign from nothing to people in it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from designer.flow_graph import title_of
from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLOW = "spring_sale"


async def add(page: Page, kind: str, name: str) -> None:
    """From the palette, behind the chosen step."""
    await page.locator(f".fc-palette [data-kind={kind}]").click()
    await expect(page.locator(f'.vue-flow__node[data-id="{name}"]')).to_be_visible()
    await expect(page.locator(".vue-flow__node.selected")).to_have_attribute("data-id", name)


async def choose_template(page: Page, name: str) -> None:
    field = page.get_by_role("combobox", name="Template", exact=True)
    await field.fill(name)
    await page.get_by_role("option", name=name, exact=True).click()
    await expect(page.locator(".vue-flow__node.selected").get_by_text(name)).to_be_visible()


async def lead(page: Page, step: str, *ways: str) -> None:
    """These ways out of the step go to the end, chosen beside the drawing."""
    await page.locator(f'.vue-flow__node[data-id="{step}"]').click()
    await expect(page.get_by_label("Name of the step")).to_have_value(title_of(step))
    edges = page.locator(f'.vue-flow__edge[data-id^="{step}:"]')
    for way in ways:
        drawn = await edges.count()
        field = page.get_by_role("combobox", name=f"“{way}” leads to", exact=True)
        await field.click()
        await page.get_by_role("option", name="Exit", exact=True).click()
        await expect(edges).to_have_count(drawn + 1)
        await expect(page.get_by_role("option")).to_have_count(0)


async def build_rule(page: Page) -> None:
    """What it asks is written as JSON; the builder has tests of its own."""
    await page.locator(".fe-side").get_by_role("button", name="Edit the rule").first.click()
    dialog = page.get_by_role("dialog", name="Rule builder")
    await dialog.get_by_role("button", name="JSON").click()
    text = dialog.locator(".cm-content")
    await text.fill('{"==": [{"var": "contact.lifecycle_stage"}, "customer"]}')
    await expect(dialog.get_by_text("lifecycle stage is")).to_be_visible()
    await dialog.get_by_role("button", name="Use this rule").click()
    await expect(dialog).to_be_hidden()


async def test_a_campaign_of_five_steps_is_drawn_and_published(look: Look) -> None:
    async with look() as page:
        await page.goto("/new-flow")
        await page.get_by_label("Name of the flow", exact=True).fill("Spring sale")
        await page.get_by_role("button", name="Begin").click()
        await page.wait_for_url(f"**/flows/{FLOW}/edit")
        await page.locator(".fc.is-laid-out").wait_for()
        await add(page, "branch", "branch")
        await build_rule(page)
        await add(page, "send_message", "send_message")
        await choose_template(page, "win_back")
        await add(page, "wait", "wait")
        await add(page, "send_message", "send_message_2")
        await choose_template(page, "win_back_offer")
        await add(page, "exit", "exit")
        lost = ("could not be delivered", "not allowed to send")
        await page.get_by_role("button", name="Show everything").click()
        await lead(page, "branch", "otherwise")
        await lead(page, "send_message", *lost)
        await lead(page, "send_message_2", *lost)
        # Nothing stands in the way but what marketing must say about consent.
        await page.get_by_role("tab", name="Problems").click()
        await expect(page.locator(".fe-problem.is-bad")).to_have_count(0)
        await page.get_by_role("button", name="Publish", exact=True).first.click()
        dialog = page.locator(".fe-publish")
        await expect(dialog.get_by_text("It becomes version 1.")).to_be_visible()
        await dialog.get_by_role("button", name="Publish", exact=True).click()
        await expect(dialog.get_by_text("Version 1 is in force.")).to_be_visible()
        await dialog.get_by_role("link", name="Watch it live").click()
        await page.wait_for_url(f"**/flows/{FLOW}")
        await expect(page.locator(".vue-flow__node")).to_have_count(6)
