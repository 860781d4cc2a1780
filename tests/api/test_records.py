"""Contacts, accounts and what is about them, through the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
from sqlalchemy import text

from crm_store.session import Store
from tests.api.people import ADA, BEN, EVERYTHING, bearer, codes, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
SINGAPORE = json.dumps({"==": [{"var": "contact.country"}, "SG"]})


async def test_a_list_is_narrowed_by_a_rule_and_comes_in_pages(api: httpx2.AsyncClient) -> None:
    first = await api.get("/api/contacts", params={"filter": SINGAPORE, "limit": 1})
    again = {"filter": SINGAPORE, "limit": 1, "cursor": first.json()["next"]}
    second = await api.get("/api/contacts", params=again)

    assert [one["id"] for one in first.json()["items"]] == [ADA]
    assert [one["id"] for one in second.json()["items"]] == [BEN]
    assert second.json()["next"] is None
    found = await api.get("/api/contacts", params={"q": "cle"})
    assert [one["first_name"] for one in found.json()["items"]] == ["Cleo"]


async def test_a_wrong_filter_is_told_of_the_parameter(api: httpx2.AsyncClient) -> None:
    wrong = json.dumps({"==": [{"var": "contact.contry"}, "SG"]})
    unknown = await api.get("/api/contacts", params={"filter": wrong})
    broken = await api.get("/api/contacts", params={"filter": "{"})

    assert (unknown.status_code, broken.status_code) == (422, 422)
    assert codes(unknown) == [("?filter/==/0/var", "unknown_field")]
    assert [place for place, _ in codes(broken)] == ["?filter"]


async def test_any_list_gives_the_fields_that_were_asked_for(api: httpx2.AsyncClient) -> None:
    some = await api.get("/api/contacts", params={"fields": "id, email", "limit": 2})
    none = await api.get("/api/contacts", params={"fields": "id,shoe_size"})
    old = await api.get("/api/people", params={"fields": "name"})

    assert some.json()["items"][0] == {"id": ADA, "email": "Ada@Example.com"}
    assert some.json()["next"]
    assert (none.status_code, codes(none)) == (422, [("?fields", "unknown_field")])
    assert all(list(one) == ["name"] for one in old.json()["items"])


async def test_an_edit_names_what_it_was_made_to(api: httpx2.AsyncClient, rows: Rows) -> None:
    seen = await api.get(f"/api/contacts/{ADA}")
    tag, body = seen.headers["etag"], {"fields": {"city": "Singapore", "custom": {"plan": "pro"}}}
    blind = await api.patch(f"/api/contacts/{ADA}", json=body)
    done = await api.patch(f"/api/contacts/{ADA}", json=body, headers={"If-Match": tag})
    late = await api.patch(f"/api/contacts/{ADA}", json=body, headers={"If-Match": tag})

    assert (blind.status_code, done.status_code, late.status_code) == (428, 200, 412)
    assert late.json()["code"] == "changed_meanwhile"
    assert done.json()["city"] == "Singapore"
    assert done.headers["etag"] != tag
    assert await rows("SELECT city, custom->>'plan' FROM contact WHERE id = 1") == [
        ("Singapore", "pro")
    ]


async def test_a_contact_is_made_once(api: httpx2.AsyncClient, rows: Rows) -> None:
    body = {"fields": {"email": "Grace@Example.com", "first_name": "Grace"}, "tags": ["press"]}
    headers = {"Idempotency-Key": "g1"}
    made = await api.post("/api/contacts", json=body, headers=headers)
    again = await api.post("/api/contacts", json=body, headers=headers)
    other = await api.post("/api/contacts", json={"fields": {"email": "GRACE@example.com"}})
    nobody = await api.post("/api/contacts", json={"fields": {"city": "Bonn"}})

    assert (made.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert made.json()["tags"] == ["press"]
    assert made.headers["location"] == f"/api/contacts/{made.json()['id']}"
    assert again.headers["idempotent-replayed"] == "true"
    assert codes(nobody) == [("/email", "missing")]
    assert len(await rows("SELECT 1 FROM contact WHERE email_key = 'grace@example.com'")) == 1


async def test_of_many_each_is_done_or_refused(api: httpx2.AsyncClient, rows: Rows) -> None:
    items = [
        {"fields": {"email": "dan@example.com"}},
        {"fields": {"email": "ada@example.com"}},
        {"id": BEN, "fields": {"country": "Nowhere"}},
        {"id": BEN, "fields": {"job_title": "Buyer"}, "add_tags": ["vip"]},
    ]
    answer = await api.post("/api/contacts/bulk", json={"items": items})

    found = answer.json()["items"]
    assert [one["outcome"] for one in found] == ["done", "refused", "refused", "done"]
    assert [one["code"] for one in found] == [None, "conflict", "refused", None]
    assert found[2]["problems"][0]["place"] == "/country"
    assert await rows("SELECT job_title, country FROM contact WHERE id = 2") == [("Buyer", "SG")]
    assert await rows("SELECT contact_id, tag FROM contact_tag") == [(BEN, "vip")]


async def test_every_write_takes_a_key(api: httpx2.AsyncClient, rows: Rows) -> None:
    """Also one that does not keep its answer with its effect."""
    body, headers = {"label": "News"}, {"Idempotency-Key": "t1"}
    first = await api.put("/api/topics/news", json=body, headers=headers)
    second = await api.put("/api/topics/news", json=body, headers=headers)
    other = await api.put("/api/topics/news", json={"label": "N"}, headers=headers)
    refused = await api.put("/api/topics/BAD", json=body, headers={"Idempotency-Key": "t2"})
    mended = await api.put("/api/topics/tips", json=body, headers={"Idempotency-Key": "t2"})

    assert first.status_code == second.status_code
    assert (first.content, second.headers["idempotent-replayed"]) == (second.content, "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (refused.status_code, mended.status_code) == (422, first.status_code)
    assert await rows("SELECT label FROM topic WHERE slug = 'news'") == [("News",)]


async def test_a_claimed_key_is_in_flight_until_its_minute_is_over(
    api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    """As after a process that died in the middle."""
    body, headers = {"label": "News"}, {"Idempotency-Key": "t1"}
    await api.put("/api/topics/news", json=body, headers=headers)
    until = clock.now().isoformat()
    async with store.transaction() as session:
        claimed = f"""UPDATE idempotency_key SET answer = '{{"in_flight_until": "{until}"}}'"""
        await session.execute(text(claimed))
        later = claimed.replace(until, "2999-01-01T00:00:00+00:00")
    free = await api.put("/api/topics/news", json=body, headers=headers)
    async with store.transaction() as session:
        await session.execute(text(later))
    busy = await api.put("/api/topics/news", json=body, headers=headers)

    assert free.status_code < 300
    assert (busy.status_code, busy.json()["code"]) == (409, "request_in_flight")


async def test_tasks_are_set_closed_and_found(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    api.headers.update(bearer(await key_for(store, clock, "rep", EVERYTHING)))
    body = {"kind": "task", "subject": "Call", "about": "contact", "record_id": ADA}
    made = await api.post("/api/activities", json=body)
    place, tag = made.headers["location"], made.headers["etag"]
    done = await api.patch(place, json={"done": True}, headers={"If-Match": tag})
    open_ = await api.get("/api/activities", params={"open": "true"})
    closed = await api.get("/api/activities", params={"contact_id": ADA})
    nobody = await api.post("/api/activities", json={**body, "record_id": 99})
    many = await api.post("/api/activities/bulk", json={"items": [body, {**body, "record_id": 99}]})

    assert (made.status_code, done.status_code, nobody.status_code) == (201, 200, 404)
    assert done.json()["done_at"] is not None
    assert open_.json()["items"] == []
    assert [one["subject"] for one in closed.json()["items"]] == ["Call"]
    assert [one["outcome"] for one in many.json()["items"]] == ["done", "refused"]


async def test_events_and_orders_are_read(api: httpx2.AsyncClient) -> None:
    events = await api.get("/api/events", params={"contact_id": ADA, "name": "Order Completed"})
    orders = await api.get("/api/orders", params={"status": "paid"})
    [event], [order] = events.json()["items"], orders.json()["items"]

    assert (event["contact_id"], order["total_minor"]) == (ADA, 2000)
    assert (await api.get(f"/api/events/{event['id']}")).json() == event
    assert (await api.get(f"/api/orders/{order['id']}")).json() == order
    assert (await api.get("/api/orders", params={"since": "2030-01-01T00:00:00Z"})).json()[
        "items"
    ] == []


async def test_a_life_goes_on_from_page_to_page(api: httpx2.AsyncClient) -> None:
    kinds = []
    cursor: str | None = None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(f"/api/contacts/{ADA}/timeline", params=params)).json()
        kinds += [one["kind"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert "order" in kinds
    assert "event" in kinds
    odd = await api.get(f"/api/contacts/{ADA}/timeline", params={"kinds": "shoes"})
    assert codes(odd) == [("?kinds", "unknown_kind")]


async def test_two_become_one_and_one_is_erased(
    api: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows
) -> None:
    api.headers.update(bearer(await key_for(store, clock, "admin", EVERYTHING)))
    look = await api.post(f"/api/contacts/{ADA}/merge", json={"lose": BEN, "dry_run": True})
    before = await rows("SELECT count(*) FROM contact")
    merged = await api.post(f"/api/contacts/{ADA}/merge", json={"lose": BEN})
    erased = await api.post(f"/api/contacts/{ADA}/erase", json={})

    assert (look.status_code, look.json()["dry_run"], before) == (200, True, [(3,)])
    assert (merged.status_code, erased.status_code) == (200, 200)
    assert (await api.get(f"/api/contacts/{ADA}")).status_code == 404


async def test_accounts_are_made_changed_and_found(api: httpx2.AsyncClient) -> None:
    made = await api.post("/api/accounts", json={"fields": {"name": "Northwind", "country": "SG"}})
    place = made.headers["location"]
    tag = {"If-Match": made.headers["etag"]}
    changed = await api.patch(place, json={"fields": {"industry": "Looms"}}, headers=tag)
    found = await api.get("/api/accounts", params={"country": "SG", "q": "north"})
    many = await api.post(
        "/api/accounts/bulk", json={"items": [{"fields": {"name": "A"}}, {"fields": {}}]}
    )

    assert (made.status_code, changed.json()["industry"]) == (201, "Looms")
    assert [one["name"] for one in found.json()["items"]] == ["Northwind"]
    assert [one["outcome"] for one in many.json()["items"]] == ["done", "refused"]


async def test_what_nobody_is_sent_is_kept_and_let_go(api: httpx2.AsyncClient) -> None:
    body = {"addresses": ["eve@example.com", "example.org"]}
    first = await api.post("/api/suppressions", json=body)
    again = await api.post("/api/suppressions", json=body)
    listed = await api.get("/api/suppressions", params={"limit": 1})
    rest = await api.get("/api/suppressions", params={"cursor": listed.json()["next"]})
    free = await api.post("/api/suppressions/remove", json={"address": "eve@example.com"})
    gone = await api.post("/api/suppressions/remove", json={"address": "eve@example.com"})

    assert (first.json(), again.json()) == ({"new": 2, "known": 0}, {"new": 0, "known": 2})
    both = listed.json()["items"] + rest.json()["items"]
    assert {one["address"] for one in both} == {"@example.org", "eve@example.com"}
    assert (free.status_code, gone.status_code) == (200, 404)
