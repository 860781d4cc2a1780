"""Bringing a file in, in a real browser: columns named, looked at with a bad line, brought in."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILE = """\
Email,Vorname,Wohnort,Birth date
p7@example.test,Nell,Turku,1990-02-03
nu@example.test,Nu,Lahti,
p8@example.test,Ola,Oulu,1990-13-01
"""


async def test_a_file_is_looked_at_and_brought_in_but_for_its_bad_line(look: Look) -> None:
    async with look() as page:
        await page.goto("/imports")
        await page.locator("input[type=file]").set_input_files(
            {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
        )
        city = page.get_by_label("The field of the column Wohnort")
        await city.click()
        await page.get_by_role("option", name="City", exact=True).click()
        await page.get_by_role("button", name="See what would become of it").click()
        looked = page.get_by_role("table", name="The first lines")
        await expect(looked.locator("tbody tr")).to_have_count(3)
        bad = looked.locator("tbody tr").nth(2)
        await expect(bad).to_contain_text("Not taken")
        await expect(bad).to_contain_text("1990-13-01")
        await expect(looked.locator("tbody tr").nth(1)).to_contain_text("Lahti")
        await page.get_by_role("button", name="Import now").click()
        await expect(page.get_by_text("people.csv is imported")).to_be_visible()
        done = page.locator(".cz-card", has_text="people.csv is imported")
        await expect(done).to_contain_text("3 lines")
        await expect(done).to_contain_text("New: 1")
        await expect(done).to_contain_text("Not taken: 1")
        async with page.expect_download() as rejected:
            await page.get_by_role("button", name="Lines that were not taken").click()
        kept = await (await rejected.value).path()
        assert "p8@example.test" in kept.read_text("utf-8")
        # Told again under Imports, and the people are there.
        await page.goto("/imports")
        past = page.get_by_role("table", name="Imported before").locator("tbody tr").first
        await expect(past).to_contain_text("people.csv")
        await page.goto("/contacts?q=p7@example.test")
        await expect(page.locator(".cz-table tbody tr")).to_have_count(1)
        await expect(page.locator(".cz-table tbody")).to_contain_text(re.compile("Nell"))
