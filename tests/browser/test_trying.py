"""Trying a flow and charts in a real browser: keys, the drawing, the picture to take along."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_way_is_walked_by_keys_and_a_chart_is_taken_along(look: Look) -> None:
    async with look() as page:
        await page.goto("/flows/win_back/try")
        await page.get_by_role("button", name="Choose a contact…").click()
        await page.get_by_placeholder("Name or e-mail").fill("okafor")
        await expect(page.get_by_role("option")).to_have_count(1)
        await page.get_by_role("option").filter(has_text="Ada Okafor").click()
        place = page.get_by_role("status").filter(has_text="Step")
        await expect(place).to_contain_text("Step")
        await page.keyboard.press("Home")
        await expect(place).to_contain_text("Step 1 of")
        await page.keyboard.press("ArrowRight")
        await expect(place).to_contain_text("Step 2 of")
        await page.get_by_role("button", name="Show the message").first.click()
        letter = page.frame_locator(".cz-try__dialog iframe")
        await expect(letter.locator("body")).to_contain_text("Ada")
        await page.goto("/dashboards?view=campaigns&from=2000-01-01&to=2002-01-01")
        await expect(page.get_by_text("Nobody entered a flow in this time")).to_be_visible()
        await page.goto("/dashboards?view=volume&period=90")
        await page.locator("canvas").first.wait_for()
        async with page.expect_download() as picture:
            await page.get_by_role("button", name="picture as PNG").first.click()
        assert (await picture.value).suggested_filename == "send-volume.png"
