"""Requests about data, how long rows stay, and a restored database that waits."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import timedelta

from sqlalchemy import text

from crm_store.session import Store
from tests.designer.conftest import Visit, opened


async def said(store: Store, query: str) -> list[tuple[object, ...]]:
    async with store.transaction() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def test_a_request_is_written_down_done_and_certified(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/privacy")
    await visit.user.should_see("Nobody waits for an answer")
    visit.user.find(marker="request-add").click()
    visit.user.find(marker="form-contact").type("nobody@example.test")
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("Nobody is known by this.")
    visit.user.find(marker="form-contact").clear().type("Ada@Example.test")
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("Wants their data", retries=30)
    [(number, request)] = await said(seeded, "SELECT contact_number, id FROM privacy_request")
    answer = await visit.http.get(f"/privacy/people/{number}.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"ada@example.test" in archive.read("contact.jsonl")
    visit.user.find(marker=f"done-{request}").click()
    await visit.user.should_see("Nobody waits for an answer", retries=30)
    await visit.user.open("/privacy?state=done")
    await visit.user.should_see("Wants their data")


async def test_an_erasure_asks_for_the_number_and_shows_its_certificate(
    visit: Visit, seeded: Store
) -> None:
    [(ada,)] = await said(seeded, "SELECT id FROM contact WHERE email_key = 'ada@example.test'")
    async with seeded.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO privacy_request (kind, contact_number, asked_at, due_at, opened_by)"
                " VALUES ('erase', :ada, now(), :due, 'Ben')"
            ),
            {"ada": ada, "due": visit.runtime.now() - timedelta(days=1)},
        )
    await visit.user.open("/privacy")
    await visit.user.should_see("Late")
    [(request,)] = await said(seeded, "SELECT id FROM privacy_request")
    visit.user.find(marker=f"erase-{request}").click()
    visit.user.find(marker="form-again").type("12345")
    visit.user.find(marker="erase-submit").click()
    await visit.user.should_see("This is another number.")
    visit.user.find(marker="form-again").clear().type(str(ada))
    visit.user.find(marker="erase-submit").click()
    await visit.user.should_see("Nobody waits for an answer", retries=50)
    await visit.user.open("/privacy?state=done")
    await visit.user.should_see("nothing of theirs is left")
    assert await said(seeded, f"SELECT 1 FROM contact WHERE id = {ada}") == []


async def test_a_rule_is_counted_before_it_holds(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/privacy?tab=retention")
    await visit.user.should_see("for ever")
    visit.user.find(marker="change-events").click()
    visit.user.find(marker="form-days").type("3")
    visit.user.find(marker="count-submit").click()
    await visit.user.should_see("Write a number of days from 90 to 3650.")
    visit.user.find(marker="form-days").clear().type("365")
    visit.user.find(marker="count-submit").click()
    await visit.user.should_see(marker="keep-submit", retries=30)
    visit.user.find(marker="keep-submit").click()
    rules: list[tuple[object, ...]] = []
    async with asyncio.timeout(10):
        while not rules:
            await asyncio.sleep(0.05)
            rules = await said(seeded, "SELECT kind, keep_days FROM retention_rule")
    assert rules == [("events", 365)]


async def test_a_restored_database_waits_until_somebody_lets_it_go(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/backups")
    await visit.user.should_see("No backup yet")
    async with seeded.transaction() as session:
        await session.execute(
            text("INSERT INTO restore_hold (taken_at, file_name) VALUES (now(), 'a.backup')")
        )
    await visit.user.open("/backups")
    await visit.user.should_see("Restored, and held back")
    visit.user.find(marker="drop").click()
    hours = visit.user.find(marker="form-hours")
    hours.clear().type("soon")
    visit.user.find(marker="drop-submit").click()
    await visit.user.should_see("Write a number of hours, such as 0 or 24.")
    hours.clear().type("0")
    visit.user.find(marker="drop-submit").click()
    await visit.user.should_not_see("Restored, and held back", retries=50)
    [(by, choice)] = await said(
        seeded, "SELECT released_by, choice ->> 'overdue' FROM restore_hold"
    )
    assert (by is not None, choice) == (True, "drop")


async def test_others_see_neither(seeded: Store) -> None:
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        for address in ("/privacy", "/backups"):
            await visit.user.open(address)
            await visit.user.should_see("You may not see this")
        [(ada,)] = await said(seeded, "SELECT min(id) FROM contact")
        answer = await visit.http.get(f"/privacy/people/{ada}.zip")
        assert answer.status_code == 403
