"""Segments through the API: made, changed, deleted, looked into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from crm_store.session import Store
from tests.api.conftest import Parts
from tests.api.people import ADA, BEN, CLEO, bearer, codes, key_for
from tests.clock import Clock

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
RULE = {"dialect": 1, "rule": SINGAPORE}
Rows = Callable[..., Any]


async def make(client: httpx2.AsyncClient, name: str = "sg", **more: Any) -> httpx2.Response:
    body = {"name": name, "label": "Singapore", "rule": RULE} | more
    return await client.post("/api/segments", json=body)


async def static(client: httpx2.AsyncClient, name: str = "vips") -> httpx2.Response:
    body = {"name": name, "label": "VIPs", "kind": "static"}
    return await client.post("/api/segments", json=body)


async def test_a_segment_is_made_and_found_again(
    api: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    made = await make(api, label_zh="新加坡")
    got = await api.get(made.headers["location"])

    assert (made.status_code, got.status_code) == (201, 200)
    assert made.json() == got.json()
    assert made.headers["etag"] == got.headers["etag"]
    assert got.json()["rule"] == RULE
    assert (got.json()["state"], got.json()["size"]) == ("counting", None)
    assert parts.pokes.counted == 1
    assert await rows("SELECT name, label_zh FROM segment") == [("sg", "新加坡")]
    assert await rows("SELECT actor_name FROM audit WHERE subject_kind = 'segment'") == [
        (f"Marketer (API key test, {api.headers['authorization'][7:23]})",)
    ]


async def test_every_mistake_comes_at_once_with_its_pointer(api: httpx2.AsyncClient) -> None:
    answer = await make(api, rule={"dialect": 1, "rule": {"grows": [1]}}, label=" ")

    assert answer.status_code == 422
    assert ("/rule/rule/grows", "unknown_operator") in codes(answer)
    assert "bad_label" in {code for _, code in codes(answer)}


MALFORMED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": "Big Name", "label": "x", "rule": True}, "/name"),
    ({"name": "a", "label": "a\0b", "rule": True}, "/label"),
    ({"name": "a", "label": "x", "rule": True, "kind": "other"}, "/kind"),
    ({"name": "a", "label": "x", "rule": True, "owner": 1}, "/owner"),
    ({"label": "x", "rule": True}, "/name"),
)


async def test_a_malformed_segment_is_refused(api: httpx2.AsyncClient, rows: Rows) -> None:
    for body, pointer in MALFORMED:
        answer = await api.post("/api/segments", json=body)

        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["problems"]] == [pointer]
    assert await rows("SELECT 1 FROM segment") == []


async def test_a_taken_name_is_a_conflict(api: httpx2.AsyncClient) -> None:
    await make(api)

    assert (await make(api)).status_code == 409


async def test_pages_lead_from_the_first_to_the_last(api: httpx2.AsyncClient) -> None:
    for name in ("a", "b", "c", "d", "e"):
        await make(api, name)
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/api/segments", params=query)).json()
        seen.append([one["name"] for one in page["items"]])
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == [["a", "b"], ["c", "d"], ["e"]]
    for wrong in ({"cursor": "x"}, {"limit": "0"}, {"limit": "1000"}):
        assert (await api.get("/api/segments", params=wrong)).status_code == 422


async def test_an_edit_names_what_it_was_made_to(api: httpx2.AsyncClient, rows: Rows) -> None:
    etag = (await make(api)).headers["etag"]
    blind = await api.patch("/api/segments/sg", json={"label": "A"})
    first = await api.patch("/api/segments/sg", json={"label": "B"}, headers={"If-Match": etag})
    late = await api.patch("/api/segments/sg", json={"label": "C"}, headers={"If-Match": etag})

    assert (blind.status_code, blind.json()["code"]) == (428, "precondition_required")
    assert (first.status_code, first.json()["label"]) == (200, "B")
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert first.headers["etag"] != etag
    assert await rows("SELECT label FROM segment") == [("B",)]
    again = await api.patch(
        "/api/segments/sg", json={"label": "C"}, headers={"If-Match": first.headers["etag"]}
    )
    assert again.json()["label"] == "C"
    any_ = await api.patch("/api/segments/sg", json={"label": "D"}, headers={"If-Match": "*"})
    assert any_.json()["label"] == "D"


async def test_another_rule_is_checked_and_counted_anew(
    api: httpx2.AsyncClient, parts: Parts
) -> None:
    etag = {"If-Match": (await make(api)).headers["etag"]}
    wrong = await api.patch("/api/segments/sg", json={"rule": {"grows": []}}, headers=etag)
    right = await api.patch("/api/segments/sg", json={"rule": True}, headers=etag)

    assert codes(wrong) == [("/rule/grows", "unknown_operator")]
    assert right.json()["rule"] is True
    assert parts.pokes.counted == 2
    nothing = await api.patch("/api/segments/sg", json={}, headers=etag)
    assert nothing.status_code == 422


async def test_the_etag_is_the_same_however_a_number_is_spelled(api: httpx2.AsyncClient) -> None:
    made = await api.post(
        "/api/segments",
        content=b'{"name":"a","label":"A","rule":{">":[{"var":"contact.score"},1e1]}}',
        headers={"Content-Type": "application/json"},
    )

    assert made.status_code == 201
    assert made.headers["etag"] == (await api.get("/api/segments/a")).headers["etag"]


async def test_a_segment_in_use_is_not_deleted(api: httpx2.AsyncClient, rows: Rows) -> None:
    any_ = {"If-Match": "*"}
    await make(api)
    await make(api, "vip_sg", rule={"member_of": ["sg"]})
    used = await api.delete("/api/segments/sg", headers=any_)

    assert (used.status_code, "vip_sg" in used.json()["detail"]) == (409, True)
    assert (await api.get("/api/segments/sg")).json()["used_by"]["segments"] == ["vip_sg"]
    assert (await api.delete("/api/segments/vip_sg")).status_code == 428
    gone = await api.delete("/api/segments/vip_sg", headers=any_)
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await api.delete("/api/segments/vip_sg", headers=any_)).status_code == 404
    assert await rows("SELECT name FROM segment") == [("sg",)]


async def test_contacts_are_put_on_a_list_and_taken_off(
    api: httpx2.AsyncClient, parts: Parts, rows: Rows
) -> None:
    await static(api)
    body = {"emails": ["ADA@example.com", "nobody@example.com"], "contact_ids": [CLEO, 4711]}
    added = await api.post("/api/segments/vips/members", json=body)
    again = await api.post("/api/segments/vips/members", json=body)

    assert added.json() == {"moved": 2, "unchanged": 0, "unknown": ["nobody@example.com", "4711"]}
    assert again.json()["moved"] == 0
    assert parts.pokes.dispatched
    page = (await api.get("/api/segments/vips/members", params={"limit": 1})).json()
    assert [one["contact_id"] for one in page["items"]] == [ADA]
    rest = await api.get("/api/segments/vips/members", params={"cursor": page["next"]})
    assert [one["contact_id"] for one in rest.json()["items"]] == [CLEO]
    assert rest.json()["next"] is None
    removed = await api.post("/api/segments/vips/members/remove", json={"contact_ids": [ADA, BEN]})
    assert removed.json() == {"moved": 1, "unchanged": 1, "unknown": []}
    assert await rows("SELECT contact_id FROM segment_member") == [(CLEO,)]


async def test_members_of_a_rule_are_not_put_in_by_hand(api: httpx2.AsyncClient) -> None:
    await make(api)
    answer = await api.post("/api/segments/sg/members", json={"contact_ids": [ADA]})

    assert answer.status_code == 409


async def test_counts_and_overlap(api: httpx2.AsyncClient) -> None:
    await static(api)
    await static(api, "press")
    await api.post("/api/segments/vips/members", json={"contact_ids": [ADA, BEN]})
    await api.post("/api/segments/press/members", json={"contact_ids": [BEN, CLEO]})
    overlap = await api.get("/api/segments/vips/overlap", params={"other": "press"})
    days = (await api.get("/api/segments/vips/counts")).json()["days"]

    assert overlap.json() == {"only_first": 1, "both": 1, "only_second": 1}
    assert len(days) == 30
    assert days[-1] == {"day": "2026-03-02", "members": 2, "entered": 2, "left": 0}
    two = await api.get(
        "/api/segments/vips/counts", params={"first": "2026-03-01", "last": "2026-03-02"}
    )
    assert [one["members"] for one in two.json()["days"]] == [0, 2]
    for wrong in (
        {"first": "2026-03-02", "last": "2026-03-01"},
        {"first": "1000-01-01"},
        {"last": "tomorrow"},
        {"last": "0001-01-01"},
    ):
        assert (await api.get("/api/segments/vips/counts", params=wrong)).status_code == 422


async def test_a_recount_is_asked_for(api: httpx2.AsyncClient, parts: Parts) -> None:
    await make(api)
    await static(api)
    answer = await api.post("/api/segments/sg/recount")

    assert (answer.status_code, answer.json()) == (202, {"asked": 1})
    assert parts.pokes.counted == 3
    assert (await api.post("/api/segments/vips/recount")).status_code == 409


async def test_a_segment_is_no_way_round_what_a_key_may_not_read(
    api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    bought = {"some": [{"var": "orders"}, {"==": [{"var": "status"}, "paid"]}]}
    body = {"name": "buyers", "label": "Buyers", "rule": bought}
    needed = {"read:order", "read:contact", "read:segment", "write:segment"}
    await make(api)
    for missing in needed:
        key = bearer(await key_for(store, clock, "marketer", sorted(needed - {missing})))
        made = await api.post("/api/segments", json=body, headers=key)
        changed = await api.patch(
            "/api/segments/sg", json={"rule": bought}, headers=key | {"If-Match": "*"}
        )

        assert (made.status_code, made.json()["code"]) == (403, "not_allowed"), missing
        assert changed.status_code == 403
    assert await rows("SELECT name, rule FROM segment") == [("sg", RULE)]


async def test_an_unknown_segment_is_not_found(api: httpx2.AsyncClient) -> None:
    for path in ("/api/segments/none", "/api/segments/none/members"):
        assert (await api.get(path)).status_code == 404
        assert (await api.get(path.replace("none", "No%00Name"))).status_code == 422
