"""One's own notices over the API: in pages, marked as read once, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from crm_store.session import Store
from tests.api.furnished_notices import furnish_notices
from tests.api.people import bearer, key_for
from tests.clock import Clock

SCOPES = ["read:notice", "write:notice"]


async def test_notices_come_in_pages_and_are_marked_as_read_once(
    api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Callable[..., Any]
) -> None:
    key = bearer(await key_for(store, clock, "viewer", SCOPES))
    await key_for(store, clock, "rep", SCOPES)
    async with store.transaction() as session:
        await furnish_notices(session, 201)

    async def listed(query: str = "") -> dict[str, Any]:
        answer = await api.get(f"/api/notices{query}", headers=key)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first = await listed("?limit=200")
    assert first["unread"] == 100
    assert first["items"][0]["title"] == "Deal 201"
    rest = await listed(f"?limit=200&cursor={first['next']}")
    assert ([one["title"] for one in rest["items"]], rest["next"]) == (["Deal 1"], None)

    newest, oldest = first["items"][0]["id"], rest["items"][0]["id"]
    others = await rows(f"SELECT id FROM notice WHERE id < {newest} ORDER BY id DESC LIMIT 1")
    given = {"ids": [newest, others[0][0] + 1, newest + 1], "until": oldest}
    answer = await api.post("/api/notices/read", json=given, headers=key)
    assert answer.json() == {"marked": 2}
    assert (await api.post("/api/notices/read", json=given, headers=key)).json() == {"marked": 0}
    assert (await listed("?unread=true"))["items"][0]["title"] == "Deal 200"
    assert len(await rows("SELECT 1 FROM notice WHERE read_at IS NOT NULL")) == 2


async def test_somebody_says_how_they_are_told(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    key = bearer(await key_for(store, clock, "rep", SCOPES))
    ways = {"ways": [{"channel": "default", "address": "at-night@example.com"}]}
    put = await api.put("/api/notices/ways/urgent", json=ways, headers=key)
    assert put.status_code == 204, put.text
    shown = (await api.get("/api/notices/ways", headers=key)).json()["items"]
    assert {one["urgency"]: one["ways"] for one in shown} == {
        **{name: [{"channel": "default", "address": None}] for name in ("low", "normal", "high")},
        "urgent": ways["ways"],
    }
    wrong = {"ways": [{"channel": "pager"}, {"channel": "default", "address": "nowhere"}]}
    refused = await api.put("/api/notices/ways/urgent", json=wrong, headers=key)
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["problems"]] == [
        *("/ways/0/channel", "/ways/1/address")
    ]
