"""The API, the ingest and the public pages, as somebody with a small key or none meets them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx2

from tests.attacks.case import LiveCase

HOSTILE = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Door:
    """`http` is nobody; `viewer` and `ingest` are the headers of a viewer's key and of a source."""

    http: httpx2.AsyncClient
    viewer: Mapping[str, str]
    ingest: httpx2.BasicAuth


Attack = Callable[[Door], Awaitable[None]]


def answers(
    method: str,
    path: str,
    status: int | tuple[int, ...],
    *,
    key: bool = False,
    source: bool = False,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    without: str = "",
) -> Attack:
    """The door must answer so, never by a mistake of ours, and without these words."""
    wanted = status if isinstance(status, tuple) else (status,)

    async def attack(door: Door) -> None:
        answer = await door.http.request(
            method,
            path,
            headers={**(door.viewer if key else {}), **(headers or {})},
            auth=door.ingest if source else None,
            content=content,
        )
        assert answer.status_code in wanted, (answer.status_code, answer.text[:300])
        assert not without or without not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"

    return attack


def _track(**item: object) -> bytes:
    return json.dumps({"userId": "ada", "event": "A", **item}).encode()


async def _nothing_is_cached(door: Door) -> None:
    for path in ("/api/contacts", "/api/segments", "/readyz", "/u/x", "/p/x"):
        answer = await door.http.get(path, headers=door.viewer)
        cache = answer.headers.get("cache-control", "")
        assert "no-store" in cache or answer.status_code == 404, (path, cache)


async def _no_cross_origin(door: Door) -> None:
    headers = {"origin": "https://evil.test", "access-control-request-method": "GET"}
    for method in ("OPTIONS", "GET"):
        answer = await door.http.request(method, "/api/segments", headers=headers)
        assert "access-control-allow-origin" not in answer.headers


async def _same_refusal(door: Door) -> None:
    """A key that was never one and one that nearly is."""
    said = []
    for key in ("cad_AAAAAAAA_" + "x" * 40, "x", "cad_"):
        answer = await door.http.get("/api/segments", headers={"authorization": f"Bearer {key}"})
        said.append((answer.status_code, answer.json()["code"], answer.json()["detail"]))
    assert len(set(said)) == 1
    assert said[0][0] == 401


async def _policy(door: Door) -> None:
    for path in ("/api/segments", "/u/x", "/healthz", "/nowhere"):
        policy = (await door.http.get(path)).headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy


async def _metrics_from_outside(door: Door) -> None:
    answer = await door.http.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
    assert answer.status_code == 401


async def _readiness_says_nothing(door: Door) -> None:
    answer = await door.http.get("/readyz")
    assert set(answer.json()) == {"ready"}


async def _no_version(door: Door) -> None:
    answer = await door.http.get("/healthz")
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers


async def _metrics_hold_no_words(door: Door) -> None:
    await door.http.get(f"/nowhere/{HOSTILE}")
    await door.http.request("PLANTED", "/healthz")
    await door.http.post("/v1/track", content=_track(event="Planted Words"), auth=door.ingest)
    told = (await door.http.get("/metrics")).text
    assert "<script" not in told
    assert "planted" not in told.lower()
    assert "cadenza_queue_waiting" in told


_BOMB = gzip.compress(b"0" * 30_000_000)
_MANY = json.dumps({"batch": [1] * 2_501}).encode()
_DEEP = b'{"userId":"ada","event":"A","properties":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001

CASES = [
    LiveCase("no key", "CWE-306", "401", answers("GET", "/api/segments", 401)),
    LiveCase("a key in the address", "CWE-598", "401", answers("GET", "/api/segments?key=x", 401)),
    LiveCase("keys that nearly are one", "CWE-204", "the same refusal", _same_refusal),
    LiveCase(
        "another scheme of authorization",
        "RFC 9110 11.6.2",
        "401",
        answers("GET", "/api/segments", 401, headers={"authorization": "Basic Y2FkOng="}),
    ),
    LiveCase(
        "a viewer writes",
        "OWASP API5:2023",
        "403",
        answers("POST", "/api/topics", (403, 404, 405, 422), key=True, content=b"{}"),
    ),
    LiveCase(
        "a viewer reads the audit",
        "OWASP API5:2023",
        "403",
        answers("GET", "/api/audit", (403,), key=True, without="before"),
    ),
    LiveCase(
        "a number of SQL",
        "CWE-89",
        "422",
        answers("GET", "/api/segments?limit=1;DROP%20TABLE%20contact", (400, 422), key=True),
    ),
    LiveCase(
        "a cursor of somebody's making",
        "CWE-20",
        "422",
        answers("GET", "/api/segments?cursor=%27%20OR%201=1", (200, 400, 422), key=True),
    ),
    LiveCase(
        "a number beyond the database's",
        "CWE-190",
        "no mistake of ours",
        answers("GET", f"/api/deals/{10**30}", (400, 403, 404, 422), key=True),
    ),
    LiveCase(
        "a way up in a path",
        "CWE-22",
        "404",
        answers("GET", "/api/%2e%2e/%2e%2e/etc/passwd", (401, 403, 404), key=True),
    ),
    LiveCase(
        "a way up in the address of a picture",
        "CWE-22",
        "404",
        answers("GET", "/i/..%2f..%2fetc%2fpasswd.png", 404),
    ),
    LiveCase(
        "a way up in the name of a template",
        "CWE-22",
        "nothing is read",
        answers("GET", "/api/templates/..%2F..%2Fpyproject", (400, 403, 404, 422), key=True),
    ),
    LiveCase(
        "a NUL in a path",
        "CWE-158",
        "no mistake of ours",
        answers("GET", "/api/templates/a%00b", (400, 403, 404, 422), key=True),
    ),
    LiveCase(
        "a method that traces",
        "CWE-693",
        "not offered",
        answers("TRACE", "/api/segments", (401, 404, 405)),
    ),
    LiveCase(
        "the method in a header",
        "CWE-650",
        "the header is not asked",
        answers(
            "GET", "/api/segments", 200, key=True, headers={"x-http-method-override": "DELETE"}
        ),
    ),
    LiveCase("another site asks for leave", "CWE-942", "it gets none", _no_cross_origin),
    LiveCase("answers with data", "CWE-525", "kept by nobody", _nothing_is_cached),
    LiveCase("a page of ours in a frame", "CWE-1021", "not shown", _policy),
    LiveCase("what we are made of", "CWE-200", "not told", _no_version),
    LiveCase("the parts that are down", "CWE-200", "not told", _readiness_says_nothing),
    LiveCase("metrics from another machine", "CWE-200", "401", _metrics_from_outside),
    LiveCase("words of strangers as labels", "CWE-779", "not counted by", _metrics_hold_no_words),
    LiveCase(
        "a name that points here",
        "CWE-350",
        "421",
        answers("GET", "/sign-in", 421, headers={"host": "evil.test"}),
    ),
    LiveCase(
        "a name that points here, with a key",
        "CWE-350",
        "421",
        answers("GET", "/api/segments", 421, key=True, headers={"host": "evil.test"}),
    ),
    LiveCase(
        "a request id that is a script",
        "CWE-117",
        "another is given",
        answers("GET", "/healthz", 200, headers={"x-request-id": HOSTILE}, without=HOSTILE),
    ),
    LiveCase(
        "two megabytes for a small door",
        "CWE-770",
        "413",
        answers("POST", "/api/rules/check", 413, key=True, content=b" " * 2_000_000),
    ),
    LiveCase(
        "a body without a key",
        "CWE-770",
        "401 before it is read",
        answers("POST", "/api/rules/check", 401, content=b" " * 2_000_000),
    ),
    LiveCase(
        "thirty megabytes in thirty kilobytes",
        "CWE-409",
        "stopped at the limit",
        answers(
            *("POST", "/v1/batch", 400),
            source=True,
            content=_BOMB,
            headers={"content-encoding": "gzip"},
        ),
    ),
    LiveCase(
        "an encoding we do not know",
        "RFC 9110 15.5.16",
        "415",
        answers(
            *("POST", "/v1/batch", 415),
            source=True,
            content=b"x",
            headers={"content-encoding": "br"},
        ),
    ),
    LiveCase(
        "five thousand levels in an event",
        "CWE-674",
        "400",
        answers("POST", "/v1/track", 400, source=True, content=_DEEP),
    ),
    LiveCase(
        "too many events in one batch",
        "CWE-770",
        "400",
        answers("POST", "/v1/batch", 400, source=True, content=_MANY),
    ),
    LiveCase(
        "an event that says it is ours",
        "CWE-345",
        "the source is the key's",
        answers("POST", "/v1/track", 200, source=True, content=_track(source="cadenza")),
    ),
    LiveCase(
        "an event from the far future",
        "CWE-20",
        "taken at a time of ours or refused",
        answers(
            *("POST", "/v1/track", (200, 400)),
            source=True,
            content=_track(timestamp="9999-12-31T23:59:59-12:00"),
        ),
    ),
    LiveCase(
        "an event with the fields of an object",
        "CWE-1321",
        "stored as data",
        answers(
            *("POST", "/v1/identify", (200, 400)),
            source=True,
            content=_track(
                traits={"__proto__": {"admin": True}, "constructor": 1, "role": "admin"}
            ),
        ),
    ),
    LiveCase(
        "an event with a NUL",
        "CWE-158",
        "no mistake of ours",
        answers("POST", "/v1/track", (200, 400), source=True, content=_track(event="a\0b")),
    ),
    LiveCase(
        "a write key that is none",
        "CWE-306",
        "401",
        answers("POST", "/v1/track", 401, content=_track(writeKey="cwk_nobody")),
    ),
    LiveCase(
        "a write key at the API",
        "CWE-863",
        "401",
        answers("GET", "/api/segments", 401, source=True),
    ),
    LiveCase(
        "an unsigned webhook",
        "CWE-347",
        "401",
        answers("POST", "/hooks/in/shop", 401, content=b"{}"),
    ),
    LiveCase(
        "a provider's report that nobody signed",
        "CWE-347",
        "refused",
        answers("POST", "/hooks/sendgrid", (401, 403, 404), content=b"[]"),
    ),
    LiveCase(
        "an unsubscribe link of somebody's making",
        "CWE-330",
        "404",
        answers("POST", "/u/00000000.MTplbWFpbA.AAAAAAAAAAAAAAAAAAAAAA", (400, 404)),
    ),
    LiveCase(
        "a click that leads where the address says",
        "CWE-601",
        "404, no redirect",
        answers("GET", "/c/00000000.x.AAAAAAAAAAAAAAAAAAAAAA?url=https://evil.test", 404),
    ),
    LiveCase(
        "a script in a public address",
        "CWE-79",
        "not repeated",
        answers("GET", f"/p/{HOSTILE}", 404, without=HOSTILE),
    ),
    LiveCase(
        "a rule that unfolds",
        "CWE-400",
        "refused",
        answers(
            *("POST", "/api/rules/check", (200, 403, 422)),
            key=True,
            content=json.dumps({"rule": {"and": [True] * 5_000}}).encode(),
        ),
    ),
]
