from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nicegui import Client

from crm_store.session import Store
from designer.guard import Guard
from engine.services.actor import SYSTEM, Actor
from engine.services.sign_in import COOKIE
from tests.designer.conftest import Visit, opened
from tests.designer.seed import EMAIL, PASSWORD, seed

PAGES = [
    "/",
    "/flows",
    "/flows/win_back",
    "/runs",
    "/runs/1",
    "/messages",
    "/messages/1",
    "/contacts",
    "/contacts/1",
    "/mailbox",
]


async def test_nobody_sees_a_page_without_signing_in(seeded: Store) -> None:
    async with opened(seeded) as visit:
        for path in PAGES:
            answer = await visit.http.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in")
        assert not Client.instances


OPEN = {"/sign-in", "/sign-in/code", "/forgot", "/preferences", "/favicon.ico"}


async def test_every_route_is_closed_unless_it_was_opened(seeded: Store) -> None:
    from nicegui import app

    async with opened(seeded) as visit:
        paths = [route.path for route in app.routes if hasattr(route, "path")]
        assert len(paths) > len(PAGES)
        for path in paths:
            answer = await visit.http.get(re.sub(r"\{[^}]*\}", "1", path) or "/")
            opened_on_purpose = path in OPEN or path.startswith("/set-password/")
            if not (opened_on_purpose or path.startswith("/assets/")):
                assert answer.status_code in (303, 401), path
                assert "client_id" not in answer.text


@dataclass(frozen=True)
class Ben:
    actor: Actor = SYSTEM
    language: str = "en"
    must_change_password: bool = False


class Door:
    """A guard before an application that notes who got through."""

    def __init__(self, session: Ben | None) -> None:
        self.session = session
        self.passed = False
        self.sent: list[Any] = []

    async def who(self, token: str) -> Ben | None:
        return self.session

    async def knock(self, **headers: str) -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            self.passed = True

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            self.sent.append(message)

        given = {"host": "crm.example.test", "cookie": f"{COOKIE}=token", **headers}
        pairs = [(name.encode(), value.encode()) for name, value in given.items()]
        scope = {"type": "websocket", "path": "/_nicegui_ws/socket.io/", "headers": pairs}
        await Guard(app, self)(scope, receive, send)


async def test_a_socket_is_closed_unless_a_page_of_ours_opened_it() -> None:
    ours, theirs = "https://crm.example.test", "https://evil.test"
    for session, origin, through in (
        (Ben(), ours, True),
        (None, ours, False),
        (Ben(), theirs, False),
        (Ben(must_change_password=True), ours, False),
    ):
        door = Door(session)
        await door.knock(origin=origin)
        assert door.passed is through
        assert bool(door.sent) is not through


async def test_a_script_is_told_to_sign_in_without_a_page(seeded: Store) -> None:
    async with opened(seeded) as visit:
        answer = await visit.http.get("/contacts", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()) == (401, {"detail": "Sign in first."})


async def test_an_unknown_api_path_is_not_a_sign_in_page(seeded: Store) -> None:
    async with opened(seeded) as visit:
        answer = await visit.http.get("/api/nothing")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/json"


async def test_a_wrong_password_says_so_and_signs_nobody_in(seeded: Store) -> None:
    async with opened(seeded) as visit:
        answer = await visit.sign_in(password="wrong" * 4)
        assert answer.status_code == 401
        assert "The e-mail address or the password is wrong." in answer.text
        assert "set-cookie" not in answer.headers


async def test_the_session_cookie_cannot_be_read_or_sent_elsewhere(seeded: Store) -> None:
    async with opened(seeded) as visit:
        cookie = (await visit.sign_in()).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie


async def test_cookies_are_for_https_alone_where_the_address_is_https(seeded: Store) -> None:
    async with opened(seeded, public_url="https://crm.example.test") as visit:
        assert "secure" in (await visit.sign_in()).headers["set-cookie"].lower()


async def test_sign_in_never_leads_to_another_site(seeded: Store) -> None:
    async with opened(seeded) as visit:
        for target in ("//evil.test/", "https://evil.test", "/\\evil.test", "javascript:1"):
            answer = await visit.http.post(
                "/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": target}
            )
            assert answer.headers["location"] == "/"


async def test_a_form_of_another_site_is_refused(seeded: Store) -> None:
    async with opened(seeded) as visit:
        data = {"email": EMAIL, "password": PASSWORD}
        for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
            answer = await visit.http.post("/sign-in", data=data, headers=headers)
            assert answer.status_code == 403


async def test_the_one_time_password_must_be_changed_first(
    store: Store, password_hash: str
) -> None:
    await seed(store, password_hash=password_hash, one_time=True)
    async with opened(store) as visit:
        assert (await visit.sign_in()).headers["location"] == "/password"
        assert (await visit.http.get("/flows")).headers["location"] == "/password"
        form = {"current": PASSWORD, "new": "a louder red harbour", "again": "a louder red harbor"}
        answer = await visit.http.post("/password", data=form)
        assert "The two new passwords differ" in answer.text
        answer = await visit.http.post("/password", data={**form, "new": "short", "again": "short"})
        assert "too short" in answer.text
        answer = await visit.http.post("/password", data={**form, "again": form["new"]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await visit.http.get("/flows")).status_code == 200


async def test_signing_out_closes_every_door(visit: Visit) -> None:
    await visit.user.open("/flows")
    assert (await visit.http.post("/sign-out")).headers["location"] == "/sign-in"
    assert (await visit.http.get("/flows")).status_code == 303


async def test_every_answer_carries_the_security_headers(visit: Visit) -> None:
    for path in ("/", "/sign-in", "/nowhere"):
        headers = (await visit.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "http:" not in headers["content-security-policy"]


async def test_unknown_places_are_answered_in_words(visit: Visit) -> None:
    answer = await visit.http.get("/nowhere")
    assert answer.status_code == 404
    assert "This is not here" in answer.text


async def test_assets_are_ours_alone(visit: Visit) -> None:
    for name in ("..%2Fapp.py", "app.py", "cadenza.css%00", ".."):
        assert (await visit.http.get(f"/assets/x/{name}")).status_code == 404
