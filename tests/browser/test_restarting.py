"""The server dies while somebody draws: what was drawn before, meanwhile and afterwards is kept."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Look
from tests.browser.house import House
from tests.browser.test_canvas import begun, leads, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A server that is gone is told in the console too; nothing else may be.
GONE = ("ERR_CONNECTION_REFUSED", "ERR_SOCKET_NOT_CONNECTED", "ERR_CONNECTION_RESET")
# Its browser asks for it again after pauses that grow to five seconds.
BACK_WITHIN = 30_000


async def test_a_restart_in_the_middle_of_drawing_loses_nothing(look: Look, house: House) -> None:
    async with look(allowed=GONE) as page:
        await begun(page, "Drawn through a restart")
        palette = page.locator(".fc-palette")
        await palette.locator("[data-kind=wait]").click()
        await expect(step(page, "wait")).to_be_visible()
        await asyncio.to_thread(house.kill)
        try:
            await palette.locator("[data-kind=exit]").click()
            await expect(page.get_by_text("Offline, will be sent")).to_be_visible()
        finally:
            await asyncio.to_thread(house.start)
        # The page comes back by itself, and what waited in it is sent.
        await expect(step(page, "exit")).to_be_visible(timeout=BACK_WITHIN)
        await leads(page, "wait:passed", "Wait leads to Exit")
        await expect(page.get_by_text("Offline, will be sent")).to_be_hidden()
        await step(page, "wait").click()
        await page.keyboard.press("Delete")
        await leads(page, "$trigger:start", "Added by hand or by the API leads to Exit")
        await page.reload()
        await leads(page, "$trigger:start", "Added by hand or by the API leads to Exit")
        await expect(page.locator(".vue-flow__node")).to_have_count(2)
