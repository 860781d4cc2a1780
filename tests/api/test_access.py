"""Roles, invitations, sign-ins and API keys through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from crm_store.session import Store
from engine.channels.base import OutgoingMessage
from engine.channels.null import NullChannel
from engine.services.invitations.links import set_password, welcomed
from tests.api.access_operations import There, furnish_access
from tests.api.conftest import Parts
from tests.api.people import bearer, codes, key_for
from tests.clock import Clock

Rows = Callable[..., Any]
GOOD = "correct horse battery"
MIA = {"email": "mia2@example.com", "name": "Mia", "role": "guest"}


@pytest.fixture(autouse=True)
def secret_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown once is sealed with it."""
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")


class Post(NullChannel):
    """Takes letters, as a mail server does."""

    name = "post"

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        self.letters.append(message)


@pytest.fixture
async def there(store: Store, clock: Clock) -> There:
    return await furnish_access(store, clock)


async def acts_with(
    client: httpx2.AsyncClient, store: Store, clock: Clock, *scopes: str, role: str = "admin"
) -> None:
    client.headers.update(bearer(await key_for(store, clock, role, scopes)))


async def test_somebody_is_invited_by_a_link_that_is_shown_once(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, there: There
) -> None:
    await acts_with(client, store, clock, "manage:user", "read:user")
    again = {"Idempotency-Key": "one"}
    made = (await client.post("/api/invitations", json=MIA, headers=again)).json()
    assert (made["purpose"], made["mailed"]) == ("invitation", False)
    token = made["url"].rpartition("/")[2]
    assert made["url"] == f"http://cadenza.test/set-password/{token}"

    repeated = await client.post("/api/invitations", json=MIA, headers=again)
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert repeated.json() == made
    [(kept,)] = await rows("SELECT string_agg(i::text, '') FROM idempotency_key i")
    assert token not in kept

    page = (await client.get("/api/invitations?limit=1")).json()
    rest = (await client.get(f"/api/invitations?cursor={page['next']}&limit=9")).json()
    waiting = {one["user_id"] for one in (*page["items"], *rest["items"])}
    assert made["user_id"] in waiting
    assert len(page["items"]) == 1
    access = f"/api/people/{made['user_id']}/access"
    assert (await client.get(access)).json()["invited_until"] == made["expires_at"]

    async with store.transaction() as session:
        await set_password(session, token, GOOD, clock.now())
    after = (await client.get("/api/invitations?limit=99")).json()["items"]
    assert made["user_id"] not in {one["user_id"] for one in after}
    late = await client.delete(f"/api/invitations/{made['user_id']}")
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def test_a_withdrawn_invitation_opens_nothing(
    client: httpx2.AsyncClient, store: Store, clock: Clock, there: There
) -> None:
    await acts_with(client, store, clock, "manage:user", "read:user")
    made = (await client.post("/api/invitations", json=MIA)).json()
    place = f"/api/invitations/{made['user_id']}"
    assert (await client.delete(place)).status_code == 204
    async with store.transaction() as session:
        assert await welcomed(session, made["url"].rpartition("/")[2], clock.now()) is None
    shown = (await client.get(f"/api/people/{made['user_id']}/access")).json()
    assert (shown["active"], shown["invited_until"]) == (False, None)
    assert (await client.delete(place)).status_code == 409
    assert (await client.delete("/api/invitations/999")).status_code == 404


async def test_where_mail_goes_out_the_link_is_in_no_answer(
    client: httpx2.AsyncClient, parts: Parts, store: Store, clock: Clock, there: There
) -> None:
    post = parts.channel = Post()
    await acts_with(client, store, clock, "manage:user")
    made = (await client.post("/api/invitations", json=MIA | {"language": "zh"})).json()
    assert (made["mailed"], made["url"]) == (True, None)
    [letter] = post.letters
    assert letter.to == "mia2@example.com"
    assert "/set-password/" in (letter.text or "")
    by_hand = await client.post(f"/api/people/{made['user_id']}/links", json={"mail": False})
    assert by_hand.json()["url"] is not None
    assert len(post.letters) == 1


MORE_THAN_ITSELF: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/invitations", MIA | {"role": "admin"}),
    ("POST", "/api/invitations", MIA | {"role": "rep"}),
    ("POST", "/api/roles", {"label": "More", "allow": ["read:contact:own"]}),
    ("PUT", "/api/people/{zoe}/role", {"role": "viewer"}),
    ("POST", "/api/people/{admin}/links", {"mail": False}),
    ("POST", "/api/people/{admin}/deactivate", None),
    ("PUT", "/api/people/{admin}/role", {"role": "guest"}),
    ("DELETE", "/api/people/{admin}/second-factor", None),
    ("POST", "/api/service-accounts", {"name": "S", "address": "s@x.com", "role": "viewer"}),
    (
        "POST",
        "/api/api-keys",
        {"name": "k", "for_user": "admin@example.com", "scopes": ["read:contact"]},
    ),
    ("POST", "/api/api-keys/{own}/rotate", {}),
)


async def test_a_key_gives_nobody_more_than_it_may_do_itself(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, there: There
) -> None:
    key = await key_for(store, clock, "admin", ("manage:user", "manage:api_key", "read:team"))
    [(admin,)] = await rows("SELECT id FROM \"user\" WHERE email = 'admin@example.com'")
    numbers = {"zoe": there.zoe, "admin": admin, "own": key.rpartition("_")[0]}
    before = await rows("SELECT count(*) FROM audit")
    for method, path, body in MORE_THAN_ITSELF:
        answer = await client.request(
            method, path.format(**numbers), json=body, headers=bearer(key)
        )
        assert answer.status_code == 422, (path, answer.text)
        assert {code for _, code in codes(answer)} == {"beyond_own"}, path
    assert await rows("SELECT count(*) FROM audit") == before


async def test_a_key_that_may_more_gives_as_much(
    client: httpx2.AsyncClient, store: Store, clock: Clock, there: There
) -> None:
    await acts_with(client, store, clock, "read:*", "write:*", "manage:user", "manage:absence")
    for role in ("viewer", "rep", "sales_manager", "marketer"):
        asked = MIA | {"role": role, "email": f"{role}2@example.com"}
        assert (await client.post("/api/invitations", json=asked)).status_code == 201, role
    refused = await client.post("/api/invitations", json=MIA | {"role": "admin"})
    assert codes(refused)[0] == ("/role", "beyond_own")


async def test_no_star_stands_for_managing(
    client: httpx2.AsyncClient, store: Store, clock: Clock, there: There
) -> None:
    await acts_with(client, store, clock, "read:*", "write:*")
    assert (await client.post("/api/invitations", json=MIA)).status_code == 403
    assert (await client.delete(f"/api/sessions/{there.session}")).status_code == 403


async def test_a_role_is_edited_as_it_was_read(
    client: httpx2.AsyncClient, store: Store, clock: Clock, there: There
) -> None:
    await acts_with(client, store, clock, "manage:user", "read:team", "read:deal")
    given = {"label": "Desk", "allow": ["read:deal:team"], "hidden": []}
    made = await client.post("/api/roles", json=given)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/roles/desk")
    assert made.json()["allow"] == ["read:deal:team"]
    tag = {"If-Match": made.headers["ETag"]}
    less = given | {"allow": ["read:deal:own"]}
    assert (await client.put("/api/roles/desk", json=less)).status_code == 428
    changed = await client.put("/api/roles/desk", json=less, headers=tag)
    assert changed.headers["ETag"] != tag["If-Match"]
    late = await client.put("/api/roles/desk", json=given, headers=tag)
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    wrong = given | {"allow": ["read:deal:mine", "fly:deal:all"], "hidden": ["contact.shoe"]}
    refused = await client.put("/api/roles/desk", json=wrong, headers={"If-Match": "*"})
    assert [place for place, _ in codes(refused)] == ["/allow/0", "/allow/1", "/hidden/0"]
    shipped = await client.put("/api/roles/rep", json=given, headers={"If-Match": "*"})
    assert shipped.status_code == 409
    assert (await client.get("/api/roles/none")).status_code == 404
    pages, cursor = [], ""
    while True:
        page = (await client.get(f"/api/roles?limit=4{cursor}")).json()
        pages += [one["key"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert pages == sorted(pages)
    assert {"desk", "admin", "guest"} <= set(pages)
    assert (await client.delete("/api/roles/desk")).status_code == 204
    assert (await client.delete("/api/roles/guest")).status_code == 409


async def test_sign_ins_are_seen_and_ended(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, there: There
) -> None:
    await acts_with(client, store, clock, "manage:user", "read:user")
    page = (await client.get("/api/sessions?limit=1")).json()
    rest = (await client.get(f"/api/sessions?limit=1&cursor={page['next']}")).json()
    assert [one["user_id"] for one in (*page["items"], *rest["items"])] == [there.zoe] * 2
    assert rest["next"] is None
    assert "token_hash" not in page["items"][0]
    mine = (await client.get(f"/api/sessions?user_id={there.mia}")).json()
    assert mine == {"next": None, "items": []}
    assert (await client.get("/api/sessions?user_id=999")).status_code == 404
    assert (await client.delete(f"/api/sessions/{there.session}")).status_code == 204
    assert (await client.delete(f"/api/sessions/{there.session}")).status_code == 404
    left = await client.delete(f"/api/people/{there.zoe}/sessions")
    assert left.json() == {"ended": 1}
    assert await rows("SELECT count(*) FROM sign_in") == [(0,)]
    ended = await rows("SELECT verb FROM audit WHERE subject_kind = 'sign_in' ORDER BY id")
    assert ended == [("end",), ("end_all",)]


async def test_nobody_ends_the_sign_ins_of_who_may_do_more(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, there: There
) -> None:
    await key_for(store, clock, "admin", ["read:user"])
    await rows_changed(store, f"UPDATE \"user\" SET role = 'admin' WHERE id = {there.zoe}")
    await acts_with(client, store, clock, "manage:user")
    for path in (f"/api/sessions/{there.session}", f"/api/people/{there.zoe}/sessions"):
        assert codes(await client.delete(path))[0][1] == "beyond_own"
    assert await rows("SELECT count(*) FROM sign_in") == [(2,)]


async def rows_changed(store: Store, statement: str) -> None:
    async with store.connection() as connection:
        await connection.exec_driver_sql(statement)


async def test_a_key_is_made_shown_once_rotated_and_revoked(
    client: httpx2.AsyncClient, store: Store, clock: Clock, rows: Rows, there: There
) -> None:
    await acts_with(client, store, clock, "manage:api_key", "read:api_key")
    given = {
        "name": "new",
        "for_user": "program@example.com",
        "scopes": ["manage:api_key"],
        "days": 9,
    }
    once = {"Idempotency-Key": "k"}
    made = (await client.post("/api/api-keys", json=given, headers=once)).json()
    assert made["key"].startswith(made["prefix"])
    again = (await client.post("/api/api-keys", json=given, headers=once)).json()
    assert again == made
    [(kept,)] = await rows("SELECT string_agg(i::text, '') FROM idempotency_key i")
    assert made["key"] not in kept
    turned = await client.post(f"/api/api-keys/{made['prefix']}/rotate", json={})
    assert turned.json()["key"] not in (None, made["key"])
    assert (await client.delete(f"/api/api-keys/{made['prefix']}")).status_code == 204
    listed = {one["prefix"]: one for one in (await client.get("/api/api-keys")).json()["items"]}
    assert listed[made["prefix"]]["revoked_at"] is not None
    assert not any("secret" in name or name == "key" for name in listed[made["prefix"]])
    star = await client.post("/api/api-keys", json=given | {"scopes": ["manage:*"]})
    assert codes(star) == [("/scopes/0", "unknown_scope")]
