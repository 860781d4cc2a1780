"""What somebody was refused at a page, and who failed to sign in, stands in the audit."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.session import Store
from designer.plain import failures
from tests.designer.conftest import opened

VERA = "vera@cadenza.test"


async def rows(store: Store, verb: str) -> list[Any]:
    statement = text(
        "SELECT door, actor_name, subject_kind, subject_id FROM audit WHERE verb = :verb "
        "ORDER BY id"
    )
    async with store.connection() as connection:
        return [tuple(row) for row in await connection.execute(statement, {"verb": verb})]


async def test_pages_and_tries_that_were_refused_stand_in_the_audit(
    seeded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "EVERY_SECONDS", 0.01)
    async with opened(seeded) as visit:
        assert (await visit.sign_in(VERA, "not the password")).status_code == 401
        assert (await visit.sign_in("nobody@example.com", "a password")).status_code == 401
        async with asyncio.timeout(20):
            while len(failed := await rows(seeded, "fail_to_sign_in")) < 2:
                await asyncio.sleep(0.01)
        assert {row[2] for row in failed} == {"user", "network"}
        assert {row[:2] for row in failed} == {("page", "Somebody")}

        assert (await visit.sign_in(VERA)).status_code == 303
        # one asks before it opens a transaction, one within it; twice is once
        for path in ("/roles/new", "/keys", "/keys", "/roles/new"):
            page = await visit.http.get(path)
            assert "You may not see this" in page.text, path
        assert await rows(seeded, "refused") == [
            ("page", "Vera Viewer", "permission", "page /roles/new"),
            ("page", "Vera Viewer", "permission", "read:api_key"),
        ]
