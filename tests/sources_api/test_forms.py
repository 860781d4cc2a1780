"""Forms at the API: made by marketers, edited by nobody over another's words, and what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.forms import read_form
from tests.api.people import bearer, codes, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
FORM: dict[str, Any] = {
    "name": "news",
    "title": "Our news",
    "wording": "A letter each month",
    "fields": [{"name": "first", "label": "First name", "fills": "first_name"}],
}
WORDS = {name: value for name, value in FORM.items() if name != "name"}


async def test_a_draft_is_there_for_nobody_until_it_is_resumed(
    api: httpx2.AsyncClient, rows: Rows
) -> None:
    made = await api.post("/api/forms", json={**FORM, "active": False})
    before = await api.get("/f/news")
    resumed = await api.post("/api/forms/news/resume")
    after = await api.get("/f/news")

    assert (made.status_code, made.headers["location"]) == (201, "/api/forms/news")
    assert (before.status_code, after.status_code) == (410, 200)
    assert (resumed.json()["active"], resumed.headers["etag"]) == (True, made.headers["etag"])
    told = "SELECT verb FROM audit WHERE subject_kind = 'form' ORDER BY id"
    assert await rows(told) == [("create",), ("resume",)]


async def test_nobody_undoes_anothers_words_unseen(api: httpx2.AsyncClient) -> None:
    made = await api.post("/api/forms", json=FORM)
    tag = {"If-Match": made.headers["etag"]}
    blind = await api.put("/api/forms/news", json=WORDS)
    first = await api.put("/api/forms/news", json={**WORDS, "title": "Mine"}, headers=tag)
    late = await api.put("/api/forms/news", json={**WORDS, "title": "Theirs"}, headers=tag)
    kept = await api.delete("/api/forms/news", headers=tag)
    now = await api.get("/api/forms/news")
    gone = await api.delete("/api/forms/news", headers={"If-Match": now.headers["etag"]})

    assert [one.status_code for one in (blind, first, late, kept)] == [428, 200, 412, 412]
    assert (late.json()["code"], now.json()["title"]) == ("changed_meanwhile", "Mine")
    assert gone.status_code == 204
    assert (await api.get("/api/forms/news")).status_code == 404


async def test_every_mistake_is_told_at_its_place(api: httpx2.AsyncClient, store: Store) -> None:
    fields = [{"name": "email", "label": "E"}, {"name": "a", "label": "A\0", "fills": "score"}]
    wrong = await api.post(
        "/api/forms",
        json={**FORM, "wording": "", "fields": fields, "redirects": ["javascript:alert(1)"]},
    )
    taken = [await api.post("/api/forms", json=FORM) for _ in range(2)]

    assert wrong.status_code == 422
    assert {place for place, _ in codes(wrong)} == {
        *("/fields/0/name", "/fields/1/label", "/fields/1/fills"),
        *("/wording", "/redirects/0"),
    }
    assert [one.status_code for one in taken] == [201, 409]
    async with store.transaction() as session:
        assert (await read_form(session, SYSTEM, "news")).form.fields[0].fills == "first_name"


async def test_what_was_sent_is_listed_for_those_who_may_read_events(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await api.post("/api/forms", json=FORM)
    for name in ("Zoe", "Yan", "Xin"):
        sent = {"email": f"{name}@example.com", "first": name, "size": "not asked"}
        assert (await api.post("/f/news", json=sent)).status_code == 200
    first = await api.get("/api/forms/news/submissions", params={"limit": 2})
    rest = await api.get(
        "/api/forms/news/submissions", params={"limit": 2, "cursor": first.json()["next"]}
    )
    narrow = await key_for(store, clock, "marketer", ["read:form", "read:contact"])
    refused = await api.get("/api/forms/news/submissions", headers=bearer(narrow))

    items = [*first.json()["items"], *rest.json()["items"]]
    assert [one["answers"] for one in items] == [{"first": name} for name in ("Xin", "Yan", "Zoe")]
    assert (rest.json()["next"], refused.status_code) == (None, 403)


async def test_lists_come_in_pages_by_name(api: httpx2.AsyncClient) -> None:
    for name in ("b", "a", "c"):
        await api.post("/api/forms", json={**FORM, "name": name})
    first = (await api.get("/api/forms", params={"limit": 2, "fields": "name"})).json()
    rest = (await api.get("/api/forms", params={"cursor": first["next"]})).json()

    assert first["items"] == [{"name": "a"}, {"name": "b"}]
    assert [one["name"] for one in rest["items"]] == ["c"]
    assert rest["items"][0]["address"] == "http://cadenza.test/f/c"
