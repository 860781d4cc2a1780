"""Drawing a flow: by mouse, by finger, by keys alone, and while the server cannot be reached."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def begun(page: Page, name: str) -> None:
    """A new flow with nothing in it, open to be drawn."""
    await page.goto("/new-flow")
    await page.get_by_label("Name of the flow", exact=True).fill(name)
    await page.get_by_role("button", name="Begin").click()
    await page.locator(".fc.is-laid-out").wait_for()


def step(page: Page, name: str) -> Locator:
    return page.locator(f'.vue-flow__node[data-id="{name}"]')


async def leads(page: Page, way: str, to: str) -> None:
    line = page.locator(f'.vue-flow__edge[data-id="{way}"]')
    await expect(line).to_have_attribute("aria-label", to)


async def offered(page: Page, text: str) -> None:
    """Choose from the list of steps that is open."""
    await expect(page.locator(".fc-quick input[role=combobox]")).to_be_focused()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def drag(page: Page, source: Locator, target: Locator) -> None:
    """Hovering waits until nothing glides any more."""
    await source.hover()
    await page.mouse.down()
    await target.hover(position={"x": 40, "y": 20})
    await target.hover(position={"x": 60, "y": 30})
    await page.mouse.up()


async def test_a_flow_is_drawn_with_the_mouse(look: Look) -> None:
    async with look() as page:
        await begun(page, "Drawn with the mouse")
        # From the palette onto the empty drawing, then behind what was added.
        kinds = page.locator(".fc-palette")
        await page.keyboard.press("-")
        await page.keyboard.press("-")
        await kinds.locator("[data-kind=wait]").drag_to(
            page.locator(".vue-flow__pane"), target_position={"x": 300, "y": 500}
        )
        await expect(step(page, "wait")).to_be_visible()
        await kinds.locator("[data-kind=exit]").click()
        await leads(page, "wait:passed", "Wait leads to Exit")
        # A step on the line parts it, by every way it has.
        await page.locator('[data-edge="wait:passed"] .fc-edge__add').click()
        await offered(page, "send a")
        await leads(page, "wait:passed", "Wait leads to Send message")
        await leads(page, "send_message:withheld", "not allowed to send leads to Exit")
        # Removed, the line closes; undone, it is parted again.
        await page.keyboard.press("Delete")
        await leads(page, "wait:passed", "Wait leads to Exit")
        await page.keyboard.press("Control+z")
        await leads(page, "wait:passed", "Wait leads to Send message")
        # A way out is dragged elsewhere.
        await drag(page, step(page, "send_message").locator(".source").first, step(page, "wait"))
        await leads(page, "send_message:sent", "sent leads to Wait")
        # Copied and pasted.
        await step(page, "wait").click()
        await page.keyboard.press("Control+c")
        await page.keyboard.press("Control+v")
        await expect(step(page, "wait_2")).to_be_visible()


async def test_a_flow_of_three_steps_is_drawn_by_keys_alone(look: Look) -> None:
    async with look() as page:
        await begun(page, "Drawn by keys")
        await page.locator(".fc-palette input").focus()
        while not await step(page, "$trigger").evaluate("e => e === document.activeElement"):
            await page.keyboard.press("Tab")
        for text, name in (("send a", "send_message"), ("wait", "wait"), ("end", "exit")):
            await page.keyboard.press("a")
            await offered(page, text)
            await expect(step(page, name)).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        await expect(step(page, "send_message")).to_be_focused()
        await page.keyboard.press("w")
        await page.get_by_label("could not be delivered", exact=True).select_option("exit")
        await page.keyboard.press("Escape")
        await leads(page, "$trigger:start", "Added by hand or by the API leads to Send message")
        await leads(page, "send_message:sent", "sent leads to Wait")
        await leads(page, "send_message:undeliverable", "could not be delivered leads to Exit")
        await leads(page, "wait:passed", "Wait leads to Exit")


async def test_what_is_drawn_while_the_server_is_away_is_sent_later(look: Look) -> None:
    async with look() as page:
        await begun(page, "Drawn in a tunnel")
        await page.evaluate("window.socket.disconnect()")
        await page.locator(".fc-palette [data-kind=wait]").click()
        await expect(page.get_by_text("Offline, will be sent")).to_be_visible()
        # Not even leaving the page loses it.
        await page.reload()
        await expect(step(page, "wait")).to_be_visible()
        await expect(page.get_by_text("Offline, will be sent")).to_be_hidden()
        await page.evaluate("window.socket.disconnect()")
        await page.locator(".fc-palette [data-kind=exit]").click()
        await page.evaluate("window.socket.connect()")
        await leads(page, "wait:passed", "Wait leads to Exit")


async def test_a_step_is_dragged_from_the_palette_with_a_finger(look: Look) -> None:
    async with look(phone=True) as page:
        await begun(page, "Drawn with a finger")
        await page.get_by_role("button", name="Show the steps to add").click()
        palette = page.locator(".fc-palette__list")
        kind = palette.locator("[data-kind=wait]")
        box = await kind.bounding_box()
        pane = await page.locator(".vue-flow__pane").bounding_box()
        assert box
        assert pane
        finger = await page.context.new_cdp_session(page)

        async def touch(name: str, *points: tuple[float, float]) -> None:
            at = [{"x": x, "y": y} for x, y in points]
            await finger.send("Input.dispatchTouchEvent", {"type": name, "touchPoints": at})

        x, y = box["x"] + 60, box["y"] + 15
        # one that rests lifts the step, and the palette makes room
        await touch("touchStart", (x, y))
        await expect(page.locator(".fc-carried")).to_be_visible()
        await touch("touchMove", (x + 20, y + 60))
        await touch("touchMove", (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] * 0.6))
        await touch("touchEnd")
        await expect(step(page, "wait")).to_be_visible()
        await expect(page.locator(".fc-carried")).to_have_count(0)
        await expect(page.locator(".fc-palette")).to_have_count(0)
        # one that moves scrolls; where the first move is late, it rested
        await page.get_by_role("button", name="Show the steps to add").click()
        for _ in range(8):
            await touch("touchStart", (x, y))
            for moved in range(20, 120, 20):
                await touch("touchMove", (x, y - moved))
            await touch("touchEnd")
            if await palette.evaluate("e => e.scrollTop") > 0:
                return
        raise AssertionError("the palette was not scrolled")
