"""What role and scope each operation on records takes, and that nothing happens without them.

All of it on one database, because most of these change something of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from crm_store.session import Store
from engine.services.people import ROLES
from tests.api.conftest import Parts
from tests.api.furnished_records import Box, furnish_definitions, furnish_records
from tests.api.operation import Operation
from tests.api.people import bearer, key_for
from tests.api.record_operations import CHANGING, LOOKING, WALKED
from tests.api.trial_flow import publish_trial
from tests.clock import Clock

Rows = Callable[..., Any]
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
AUDITED = "SELECT count(*) FROM audit WHERE verb <> 'refused'"


class Keys:
    """Of people with a role; the same scopes are made once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._made: dict[tuple[str, tuple[str, ...]], str] = {}

    async def of(self, role: str, *scopes: str) -> str:
        wanted = (role, tuple(sorted(scopes)))
        if wanted not in self._made:
            self._made[wanted] = await key_for(self._store, self._clock, *wanted)
        return self._made[wanted]


async def asked(client: httpx2.AsyncClient, what: Operation, key: str) -> httpx2.Response:
    text = {"content": what.body} if isinstance(what.body, str) else {"json": what.body}
    answer = await client.request(
        what.method, what.path, headers=bearer(key) | what.headers, **text
    )
    assert answer.status_code < 500, (what.id, answer.text)
    return answer


@pytest.fixture
async def keys(
    parts: Parts, client: httpx2.AsyncClient, store: Store, clock: Clock, filled: None
) -> Keys:
    parts.mailbox = Box()  # type: ignore[assignment]
    await publish_trial(store, clock)
    async with store.transaction() as session:
        await furnish_records(session)
    keys = Keys(store, clock)
    await furnish_definitions(client, await keys.of("admin", "read:*", "write:*"))
    return keys


async def test_each_takes_its_role_and_scopes_and_is_done_with_them(
    client: httpx2.AsyncClient, keys: Keys, rows: Rows
) -> None:
    for what in (*LOOKING, *CHANGING):
        if not what.roles:
            await _refuses_each(client, keys, what)
            continue
        before = await rows(AUDITED)
        for role in ROLES:
            if role not in what.roles:
                refused = await asked(client, what, await keys.of(role, "read:*"))
                assert refused.status_code == 403, (what.id, role, refused.text)
        role = what.roles[0]
        for missing in what.needs:
            kept = {"read:pipeline", *what.needs} - {missing}
            refused = await asked(client, what, await keys.of(role, *kept))
            assert refused.status_code == 403, (what.id, missing, refused.text)
        if what.changes:
            # nothing was done, so nothing was written down but keys that were made
            made = await rows("SELECT count(*) FROM audit WHERE subject_kind = 'api_key'")
            assert (await rows(AUDITED))[0][0] - before[0][0] <= made[0][0], what.id
        done = await asked(client, what, await keys.of(role, *what.needs))
        assert done.status_code in (200, 201, 202, 204), (what.id, done.text)


async def _refuses_each(client: httpx2.AsyncClient, keys: Keys, what: Operation) -> None:
    answer = await asked(client, what, await keys.of("viewer", "read:*"))
    assert answer.status_code == 200, (what.id, answer.text)
    assert [one["outcome"] for one in answer.json()["items"]] == ["refused"], what.id
    assert answer.json()["items"][0]["code"] == "not_allowed", what.id


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
