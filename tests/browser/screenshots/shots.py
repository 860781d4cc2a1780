"""What is shown: a page each, and what is done on it before the picture is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page

from tests.browser.screenshots.demo import list_address

Prepare = Callable[[Page], Awaitable[None]]
_RULE: Final = {
    "and": [
        {"==": [{"var": "contact.lifecycle_stage"}, "customer"]},
        {
            "or": [
                {"==": [{"var": "contact.country"}, "SG"]},
                {">": [{"var": "contact.score"}, 20]},
            ]
        },
        {"!": [{"done": ["Message Bounced", ">=", 1, ["in_last", 90, "days"]]}]},
    ]
}


@dataclass(frozen=True, slots=True)
class Shot:
    """`seen` must be on the page before anything else happens."""

    name: str
    address: str
    seen: str
    prepare: Prepare | None = None
    language: str = "en"
    theme: str = "light"
    phone: bool = False


async def _whole_flow(page: Page) -> None:
    await page.keyboard.press("f")


async def _chosen_step(page: Page) -> None:
    await page.get_by_role("button", name="Show everything").click()
    await page.locator(".vue-flow__node").nth(2).click()


async def _tried(page: Page) -> None:
    """With somebody who went through it in earnest, so that there is something to see."""
    await _first_run(page)
    somebody = page.get_by_role("link", name="Contact", exact=True)
    number = (await somebody.get_attribute("href") or "").rpartition("/")[2]
    await page.goto(f"/flows/win_back/try?contact={number}")
    await page.locator(_CANVAS).wait_for()
    await page.wait_for_timeout(2_000)
    await page.get_by_role("button", name="Show everything").click()


async def _rule_open(page: Page) -> None:
    await page.get_by_role("button", name="Rule", exact=True).click()
    await page.locator(".rb-dialog").wait_for()


async def _letter_written(page: Page) -> None:
    await page.locator(".te-paper iframe, main iframe").first.wait_for()


async def _first_contact(page: Page) -> None:
    await _first_run(page)
    await page.get_by_role("link", name="Contact", exact=True).click()
    await page.wait_for_url("**/contacts/*")
    await page.locator(".cz-card").first.wait_for()


async def _first_deal(page: Page) -> None:
    await page.locator(".db-col").nth(2).locator("a.db-name").first.click()
    await page.wait_for_url("**/deals/*")
    await page.locator(".sl-path").wait_for()


async def _first_run(page: Page) -> None:
    await page.locator("main a[href^='/runs/']").first.click()
    await page.wait_for_url("**/runs/*")
    await page.locator(".fc.is-laid-out").wait_for()


_CANVAS: Final = ".fc.is-laid-out"
_LIST: Final = "main table tbody tr"
_EDITOR: Final = ".cm-content"
SHOTS: Final = (
    Shot("home", "/", ".cz-card"),
    Shot("flow", "/flows/win_back", _CANVAS, _whole_flow),
    Shot("run", "/runs?flow=win_back", _LIST, _first_run),
    Shot("flow_editor", "/flows/win_back/edit", _CANVAS, _chosen_step),
    Shot("try_it", "/runs?flow=win_back", _LIST, _tried),
    Shot("rule_builder", list_address("/contacts", rule=_RULE), "main h1, header h1", _rule_open),
    Shot("template_editor", "/templates/win_back/edit", _EDITOR, _letter_written),
    Shot("board", "/board", ".db-card[data-id]"),
    Shot("deal", "/board", ".db-card[data-id]", _first_deal),
    Shot("forecast", "/sales-figures", "canvas"),
    Shot("inbox", "/inbox", ".cz-card"),
    Shot("contacts", "/contacts", _LIST),
    Shot("contact", "/runs?flow=win_back", _LIST, _first_contact),
    Shot("dashboards", "/dashboards", "canvas"),
    Shot("system", "/system", ".cz-card"),
    Shot("flow_zh", "/flows/win_back", _CANVAS, _whole_flow, language="zh-CN"),
    Shot("board_zh", "/board", ".db-card[data-id]", language="zh-CN"),
    Shot("contacts_dark", "/contacts", _LIST, theme="dark"),
    Shot("flow_editor_dark", "/flows/lead_follow_up/edit", _CANVAS, _chosen_step, theme="dark"),
    Shot("inbox_phone", "/inbox", ".cz-card", phone=True),
    Shot("board_phone", "/board", ".db-card[data-id]", phone=True),
    Shot("contacts_phone", "/contacts", _LIST, language="zh-CN", theme="dark", phone=True),
)
