"""The designer as another site, a neighbour with a small role, or an old browser meets it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

import httpx

from designer.components.mail_view import framed
from designer.guard import Guard
from designer.uploads import MOST_BYTES, MOST_OF_ONE, PLACE, UploadGate
from tests.attacks.case import LiveCase
from tests.designer.conftest import Visit
from tests.designer.seed import EMAIL, PASSWORD

Attack = Callable[[Visit], Awaitable[None]]
VIEWER = "vera@cadenza.test"
HOSTILE = "<script>alert(1)</script>"


def answers(
    method: str,
    path: str,
    status: int | tuple[int, ...],
    *,
    headers: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    without: str = "",
    to: str | None = None,
) -> Attack:
    wanted = status if isinstance(status, tuple) else (status,)

    async def attack(visit: Visit) -> None:
        answer = await visit.http.request(method, path, headers=headers, data=data)
        assert answer.status_code in wanted, (answer.status_code, answer.text[:300])
        assert not without or without not in answer.text
        assert to is None or answer.headers["location"] == to

    return attack


def _sign_in(**changed: str) -> Mapping[str, str]:
    return {"email": EMAIL, "password": PASSWORD, "next": "/", **changed}


def _nobody(visit: Visit) -> httpx.AsyncClient:
    """Another browser."""
    app = visit.http._transport
    return httpx.AsyncClient(transport=app, base_url="http://test", headers={"accept": "text/html"})


async def _scripts_are_numbered(visit: Visit) -> None:
    seen = set()
    for _ in range(2):
        answer = await visit.http.get("/flows")
        policy = answer.headers["content-security-policy"]
        scripts = next(one for one in policy.split("; ") if one.startswith("script-src "))
        assert "'unsafe-inline'" not in scripts
        assert "script-src-attr 'none'" in policy
        number = re.search(r"'nonce-([A-Za-z0-9_-]{20,})'", scripts)
        assert number is not None
        tags = re.findall(r"<script[^>]*>", answer.text)
        assert tags
        assert all(f'nonce="{number[1]}"' in tag for tag in tags)
        seen.add(number[1])
    assert len(seen) == 2


async def _nothing_from_elsewhere(visit: Visit) -> None:
    for path in ("/flows", "/sign-in", "/nowhere"):
        policy = (await visit.http.get(path)).headers["content-security-policy"]
        for wanted in ("default-src 'self'", "object-src 'none'", "base-uri 'self'"):
            assert wanted in policy
        assert "form-action 'self'" in policy
        assert "http:" not in policy
        assert "*" not in policy


async def _cookie_flags(visit: Visit) -> None:
    async with _nobody(visit) as http:
        answer = await http.post("/sign-in", data=_sign_in())
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "domain=" not in cookie


async def _a_planted_session_is_not_adopted(visit: Visit) -> None:
    async with _nobody(visit) as http:
        http.cookies.set("cadenza_session", "planted", domain="test")
        answer = await http.post("/sign-in", data=_sign_in())
    assert "planted" not in answer.headers["set-cookie"]


async def _personal_pages_are_kept_by_nobody(visit: Visit) -> None:
    for path in ("/", "/contacts", "/contacts/1", "/sign-in", "/password"):
        assert (await visit.http.get(path)).headers["cache-control"] == "no-store", path


async def _signed_out(visit: Visit) -> None:
    async with _nobody(visit) as http:
        await http.post("/sign-in", data=_sign_in())
        kept = http.cookies["cadenza_session"]
        await http.post("/sign-out")
        http.cookies.set("cadenza_session", kept, domain="test")
        assert (await http.get("/contacts")).status_code == 303


async def _same_words(visit: Visit) -> None:
    """For somebody there is and somebody there is not."""
    said = []
    async with _nobody(visit) as http:
        for email in (EMAIL, "nobody@cadenza.test"):
            answer = await http.post("/sign-in", data=_sign_in(email=email, password="wrong"))
            said.append((answer.status_code, answer.text.replace(email, "")))
    assert said[0] == said[1]


async def _rooms_of_admins(visit: Visit) -> None:
    async with _nobody(visit) as http:
        await http.post("/sign-in", data=_sign_in(email=VIEWER))
        for path in ("/system", "/people", "/channels"):
            text = (await http.get(path)).text
            assert EMAIL not in text
            assert "Workers" not in text


async def _long_password(visit: Visit) -> None:
    async with _nobody(visit) as http:
        answer = await http.post("/sign-in", data=_sign_in(password="x" * 500_000))
    assert answer.status_code in (401, 413, 422)


async def _a_prefix_of_strangers(visit: Visit) -> None:
    for headers in ({"x-forwarded-prefix": "//evil.test"}, {"x-forwarded-host": "evil.test"}):
        answer = await visit.http.get("/flows", headers=headers)
        assert "evil.test" not in answer.text
    away = await visit.http.get(
        "/preferences?next=/flows", headers={"x-forwarded-prefix": "https://evil.test"}
    )
    assert away.headers["location"] == "/flows"


async def _bytes_that_are_no_text(_: Visit) -> None:
    """A client of ours would not send them; a socket takes any bytes."""

    class Nobody:
        async def who(self, token: str) -> None:
            return None

    said: list[int] = []

    async def send(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            said.append(int(str(message["status"])))

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/contacts",
        "query_string": b"a=\xff\xfe",
        "headers": [(b"accept", b"text/html"), (b"host", b"test")],
    }
    await Guard(None, Nobody())(scope, None, send)  # type: ignore[arg-type]
    assert said == [303]


async def _cookies_that_are_none(visit: Visit) -> None:
    async with _nobody(visit) as http:
        answer = await http.get("/contacts", headers={"cookie": "a=b; =; \x7f;;" + "x=y; " * 500})
    assert answer.status_code == 303


async def _upload(size: int, *, announced: bool) -> list[int]:
    """The statuses that an upload of this size meets before NiceGUI would see all of it."""
    came = 0

    async def spool(scope: object, receive: object, send: object) -> None:
        nonlocal came
        while True:
            message = await receive()  # type: ignore[operator]
            if message["type"] == "http.disconnect":
                raise ConnectionError
            came += len(message["body"])
            if not message["more_body"]:
                return

    piece, left, said = b"x" * 16 * 1024**2, size, []

    async def receive() -> dict[str, object]:
        nonlocal left
        left -= len(piece)
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    async def send(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            said.append(int(str(message["status"])))

    head = [(b"content-length", str(size).encode())] if announced else []
    scope = {"type": "http", "method": "POST", "path": f"{PLACE}x/upload/1", "headers": head}
    await UploadGate(spool)(scope, receive, send)
    assert came <= MOST_BYTES
    return said


async def _too_large_as_announced(_: Visit) -> None:
    assert await _upload(MOST_BYTES * 4, announced=True) == [413]


async def _too_large_unannounced(_: Visit) -> None:
    assert await _upload(MOST_BYTES * 4, announced=False) == [413]


async def _many_at_once(_: Visit) -> None:
    gate = UploadGate(None)  # type: ignore[arg-type]
    gate._under_way[""] = MOST_OF_ONE
    scope = {"headers": [], "method": "POST"}
    assert await gate._status(scope, "") == 429
    assert await gate._status({**scope, "headers": [(b"content-length", b"10")]}, "other") is None


async def _a_mail_in_its_frame(_: Visit) -> None:
    shown = framed(f"<base href='https://evil.test/'>{HOSTILE}")
    assert shown.index("Content-Security-Policy") < shown.index("script")
    assert "default-src 'none'" in shown


_ELSEWHERE = {"origin": "https://evil.test", "sec-fetch-site": "cross-site"}

CASES = [
    LiveCase("scripts in a page", "CWE-79", "only numbered ones run", _scripts_are_numbered),
    LiveCase("anything from elsewhere", "CWE-829", "not loaded", _nothing_from_elsewhere),
    LiveCase("the cookie of a sign-in", "CWE-1004", "HttpOnly and SameSite", _cookie_flags),
    LiveCase("a planted session", "CWE-384", "not adopted", _a_planted_session_is_not_adopted),
    LiveCase("pages after sign-out", "CWE-525", "kept nowhere", _personal_pages_are_kept_by_nobody),
    LiveCase("a cookie after sign-out", "CWE-613", "nobody's", _signed_out),
    LiveCase("who has an account", "CWE-204", "the same words", _same_words),
    LiveCase("a viewer in the rooms of admins", "CWE-862", "sees nothing", _rooms_of_admins),
    LiveCase("half a megabyte of password", "CWE-400", "not hashed", _long_password),
    LiveCase("a prefix from a header", "CWE-601", "not believed", _a_prefix_of_strangers),
    LiveCase("a query of odd bytes", "CWE-176", "the sign-in page", _bytes_that_are_no_text),
    LiveCase("a heap of odd cookies", "CWE-20", "the sign-in page", _cookies_that_are_none),
    LiveCase("an upload that is too large", "CWE-400", "413 at once", _too_large_as_announced),
    LiveCase("an upload without end", "CWE-400", "413 at the limit", _too_large_unannounced),
    LiveCase("many uploads at once", "CWE-770", "429", _many_at_once),
    LiveCase("a mail that is a page", "CWE-79", "bound before it begins", _a_mail_in_its_frame),
    LiveCase(
        "a form of another site signs in",
        "CWE-352",
        "403",
        answers("POST", "/sign-in", 403, headers=_ELSEWHERE, data=_sign_in()),
    ),
    LiveCase(
        "a form of another site signs out",
        "CWE-352",
        "403",
        answers("POST", "/sign-out", 403, headers=_ELSEWHERE),
    ),
    LiveCase(
        "a form in a frame without an origin",
        "CWE-352",
        "403",
        answers("POST", "/sign-out", 403, headers={"origin": "null"}),
    ),
    LiveCase(
        "a way up from the assets",
        "CWE-22",
        "404",
        answers("GET", "/assets/x/..%2f..%2fapp.py", 404, without="import"),
    ),
    LiveCase(
        "preferences that lead away",
        "CWE-601",
        "the start page",
        answers("GET", "/preferences?next=//evil.test", 303, to="/"),
    ),
    LiveCase(
        "preferences with a header",
        "CWE-113",
        "the start page",
        answers("GET", "/preferences?next=/%0d%0aSet-Cookie:%20a=b", 303, to="/"),
    ),
    LiveCase(
        "a language that there is not",
        "CWE-20",
        "left as it is",
        answers("GET", "/preferences?language=xx", 303, to="/"),
    ),
    LiveCase(
        "a script for an address",
        "CWE-79",
        "not repeated",
        answers("GET", f"/{HOSTILE}", 404, without=HOSTILE),
    ),
    LiveCase(
        "an export of somebody else",
        "CWE-639",
        "404",
        answers("GET", "/exports/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", (404, 410)),
    ),
    LiveCase(
        "a record that there is not",
        "CWE-639",
        "said in words",
        answers("GET", "/contacts/999999999999", (200, 404)),
    ),
    LiveCase(
        "a number beyond the database's",
        "CWE-190",
        "said in words",
        answers("GET", f"/contacts/{10**30}", (200, 404, 422)),
    ),
]
