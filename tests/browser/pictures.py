"""The pictures of the documentation, taken anew.

python -m tests.browser.pictures docs/images
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright
from sqlalchemy import text

from crm_store.session import Store
from tests.browser.house import FLAGS, House, browser_path, served
from tests.designer.seed import EMAIL, PASSWORD
from tests.servers import Databases, postgres, temporary_folder

SIZE: Final = {"width": 1280, "height": 1040}
PICTURES: Final = {"flow.png": "/flows/win_back", "run.png": "/runs/1"}
# As many messages as the counters of the seeded flow tell.
SENT: Final = 6022


async def _send_many(house: House) -> None:
    store = Store(house.database_url, pool_size=1)
    async with store.transaction() as session:
        await session.execute(
            text(
                "WITH asked AS (INSERT INTO effect (run_id, flow_id, node, visit, kind, purpose, "
                "subject_id, shard, ask, state, not_before) SELECT 1, flow_id, 'first_touch', "
                "n + 1, 'send_message', 'marketing', subject_id, 0, '{}', 'done', entered_at "
                "FROM run, generate_series(1, :count) n WHERE run.id = 1 RETURNING id, flow_id) "
                "INSERT INTO message (effect_id, run_id, flow_id, node, contact_id, channel, "
                "purpose, template, provider_key, state, handed_over_at) SELECT id, 1, flow_id, "
                "'first_touch', 1, 'email', 'marketing', 'win_back', 'many-' || id, 'sent', now() "
                "FROM asked"
            ),
            {"count": SENT - 2},
        )
    await store.close()


async def _take(house: House, folder: Path) -> None:
    await _send_many(house)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        context = await browser.new_context(
            viewport=SIZE,  # type: ignore[arg-type]
            base_url=house.url,
            timezone_id="UTC",
            locale="en-GB",
        )
        page = await context.new_page()
        await _sign_in(page, house)
        for name, path in PICTURES.items():
            await page.goto(path)
            await page.locator(".fc.is-laid-out").wait_for()
            await page.evaluate("document.fonts.ready")
            if name == "flow.png":
                await page.keyboard.press("f")
            # The canvas glides to its place.
            await page.wait_for_timeout(600)
            await page.screenshot(path=folder / name)
        await browser.close()


async def _sign_in(page: Page, house: House) -> None:
    await page.goto("/sign-in")
    await page.fill("input[name=email]", EMAIL)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("form .is-main")
    await page.wait_for_url(f"{house.url}/")


def main(folder: str) -> None:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with (
        postgres() as server,
        closing(Databases(server)) as databases,
        temporary_folder("mail") as mail,
        served(databases.url(databases.fresh()), mail) as house,
    ):
        asyncio.run(_take(house, target))


if __name__ == "__main__":
    main(sys.argv[1])
