"""What role and scope each operation on people's ways in takes, and that nothing happens without.

All of it on one database: each changes something of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from crm_store.session import Store
from engine.services.people import ROLES
from tests.api.access_operations import WALKED, furnish_access, operations
from tests.api.people import bearer, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
# Keys are made as the walk goes on, and refusals are written down.
DONE = "SELECT count(*) FROM audit WHERE verb <> 'refused' AND actor_kind <> 'system'"


async def test_each_takes_its_role_and_scopes_and_is_done_with_them(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    there = await furnish_access(store, clock)
    keys: dict[tuple[str, tuple[str, ...]], str] = {}

    async def asked(what: Any, role: str, *scopes: str) -> httpx2.Response:
        wanted = (role, tuple(sorted(scopes)))
        if wanted not in keys:
            keys[wanted] = await key_for(store, clock, *wanted)
        headers = bearer(keys[wanted]) | what.headers
        answer = await client.request(what.method, what.path, json=what.body, headers=headers)
        assert answer.status_code < 500, (what.id, answer.text)
        return answer

    for what in operations(there):
        before = await rows(DONE)
        for role in ROLES:
            if role not in what.roles:
                refused = await asked(what, role, "read:*")
                assert refused.status_code == 403, (what.id, role, refused.text)
        for missing in what.needs:
            kept = {"read:pipeline", *what.needs} - {missing}
            refused = await asked(what, "admin", *kept)
            assert refused.status_code == 403, (what.id, missing, refused.text)
        assert await rows(DONE) == before, what.id
        done = await asked(what, "admin", *what.needs)
        assert done.status_code in (200, 201, 204), (what.id, done.text)
        if what.changes and what.id != "take_second_factor_away":
            assert await rows(DONE) != before, what.id


def test_every_one_of_them_is_there_and_on_the_page(app: FastAPI) -> None:
    shown = re.sub(r"\{\w+\}", "{}", PAGE)
    found = set()
    for path, methods in app.openapi()["paths"].items():
        for operation in methods.values():
            if operation["operationId"] in WALKED:
                found.add(operation["operationId"])
                plain = re.sub(r"\{\w+\}", "{}", path)
                assert re.search(re.escape(plain) + r"(?![\w/{])", shown), path

    assert found == WALKED
