"""Links, signatures, addresses: what says who somebody is, and where we go or send others."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address

from designer.plain.routes import local_target
from engine.api.edge.known_host import KnownHosts
from engine.reachable import Reachable, is_public, url_problem
from engine.services.hooks.schemes import identify
from engine.services.hooks.verifying import BadSignature
from engine.services.links.tokens import BadToken, ExpiredToken, Kind, SignedLinks
from engine.telemetry.scrubbing import scrub, scrubbed_text
from tests.attacks.case import Case, gives, holds, refuses

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = "the secret that the attack suite signs with"
LINKS = SignedLinks("https://crm.cadenza.test", [SECRET])
OTHERS = SignedLinks("https://crm.cadenza.test", ["a secret of somebody else, who makes links"])
HOSTS = KnownHosts("https://crm.cadenza.test", "0.0.0.0", ["*.inside.test"])
BODY = b'{"type": "order.paid"}'

_token = refuses(BadToken)
_hook = refuses(BadSignature)


def _read(token: str, kind: Kind = Kind.UNSUBSCRIBE, now: datetime | None = None) -> object:
    return LINKS.read(kind, token, now)


def _changed(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body[:-1]}{'A' if body[-1] != 'A' else 'B'}.{signature}"


_UNSUBSCRIBE = LINKS.token(Kind.UNSUBSCRIBE, 1, "email", "marketing")
_ANSWER = LINKS.token(Kind.ANSWER, 1, until=NOW - timedelta(seconds=1))

_TOKENS: Mapping[str, tuple[str, str]] = {
    "a changed claim": (_changed(_UNSUBSCRIBE), "CWE-345"),
    "no signature": (_UNSUBSCRIBE.rpartition(".")[0] + ".", "CWE-347"),
    "signed by somebody else": (OTHERS.token(Kind.UNSUBSCRIBE, 1, "email", "x"), "CWE-347"),
    "of another kind": (LINKS.token(Kind.PREFERENCES, 1), "CWE-863"),
    "a JWT with the algorithm none": ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "CVE-2015-9235"),
    "a megabyte": ("A" * 1_000_000, "CWE-400"),
    "a NUL": (_UNSUBSCRIBE + "\0", "CWE-158"),
}
_INSIDE = {
    "this machine": "127.0.0.1",
    "this machine in IPv6": "::1",
    "this machine as 4 in 6": "::ffff:127.0.0.1",
    "nobody's address": "0.0.0.0",
    "the cloud's keys": "169.254.169.254",
    "Azure's keys": "168.63.129.16",
    "an office network": "10.1.2.3",
    "an office network through NAT64": "64:ff9b::a01:203",
    "a private IPv6 network": "fd00::1",
    "the link itself": "fe80::1",
    "everybody at once": "224.0.0.1",
    "6to4 of an office network": "2002:a01:203::1",
}
_URLS = {
    "a file": "file:///etc/passwd",
    "another protocol": "gopher://127.0.0.1:6379/_FLUSHALL",
    "a name and password": "https://user:pass@example.com/",
    "a line break": "https://example.com/\r\nX-Evil: 1",
    "no host": "https:///path",
    "a broken port": "https://example.com:99999/",
}
_NEXT = {
    "another host": "https://evil.test/",
    "another host without a scheme": "//evil.test/",
    "a backslash": "/\\evil.test/",
    "a backslash further on": "/a\\..\\..\\evil.test",
    "a tab that browsers drop": "/\t/evil.test/",
    "a line break that browsers drop": "/\r\n/evil.test/",
    "a script": "javascript:alert(1)",
    "nothing": "",
}
_HOSTS = {
    "a name that points here (DNS rebinding)": ("evil.test", "CWE-350"),
    "our name as the beginning of another": ("crm.cadenza.test.evil.test", "CWE-644"),
    "our name as the end of another": ("evilcrm.cadenza.test", "CWE-644"),
    "the end of a family of names": ("evilinside.test", "CWE-644"),
    "a name and password": ("crm.cadenza.test@evil.test", "CWE-644"),
    "a port that is none": ("crm.cadenza.test:80@evil.test", "CWE-644"),
    "a line break": ("crm.cadenza.test\r\nX: 1", "CWE-113"),
    "nothing": ("", "RFC 9110 7.2"),
    "letters that only look like ours": ("crm.cаdenza.test", "CWE-1007"),
}
_LOGGED = {
    "an address": ("mail to ada.lovelace@example.com failed", "ada.lovelace"),
    "a telephone number": ("call +65 8123 4567", "8123"),
    "the database's password": ("postgresql://crm:hunter2@db/crm", "hunter2"),
    "a key of the API": ("Authorization: Bearer cad_abcdefghijklmnop", "abcdefgh"),
    "a link that unsubscribes": (f"GET /u/{_UNSUBSCRIBE}", _UNSUBSCRIBE[:30]),
    "a row that PostgreSQL quotes": (
        "DETAIL:  Key (email_key)=(ada, born 1815) already exists.",
        "born 1815",
    ),
}


def _signed(body: bytes, *, header: str = "x-hub-signature-256", secret: str = SECRET) -> str:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return identify("github", None, [SECRET], {header: f"sha256={digest}"}, BODY, NOW)


def _stripe(at: datetime) -> str:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t={stamp},v1={digest}"}
    return identify("stripe", None, [SECRET], headers, BODY, NOW)


def _is_left_out(secret: str, text: str) -> bool:
    return secret not in scrubbed_text(text)


def _logged(name: str, value: object) -> str:
    return str(scrub(None, "info", {"event": "x", name: value}))


CASES = [
    *(
        Case(f"token: {name}", source, "told nothing but that it is bad", _token(partial(_read, t)))
        for name, (t, source) in _TOKENS.items()
    ),
    Case(
        "token: an answer to an approval, too late",
        "CWE-613",
        "refused",
        refuses(ExpiredToken)(partial(_read, _ANSWER, Kind.ANSWER, NOW)),
    ),
    *(
        Case(
            f"outgoing call: {name}",
            "CWE-918",
            "never connected to",
            gives(partial(Reachable().allows, ip_address(address), 443), False),
        )
        for name, address in _INSIDE.items()
    ),
    Case(
        "outgoing call: a port of another service",
        "CWE-918",
        "never connected to",
        gives(lambda: Reachable().allows(ip_address("93.184.216.34"), 25), False),
    ),
    Case(
        "outgoing call: an address of the internet is still public",
        "CWE-918",
        "allowed",
        gives(lambda: is_public(ip_address("93.184.216.34")), True),
    ),
    *(
        Case(f"outgoing call: {name}", "CWE-918", "refused", holds(partial(url_problem, url)))
        for name, url in _URLS.items()
    ),
    *(
        Case(
            f"sign-in leads on to: {name}",
            "CWE-601",
            "the start page",
            gives(partial(local_target, target), "/"),
        )
        for name, target in _NEXT.items()
    ),
    *(
        Case(
            f"host header: {name}",
            source,
            "not ours",
            gives(partial(HOSTS.knows, host), False),
        )
        for name, (host, source) in _HOSTS.items()
    ),
    Case(
        "host header: our names and plain addresses",
        "RFC 9110 7.2",
        "ours",
        holds(
            lambda: all(
                map(
                    HOSTS.knows,
                    ("crm.cadenza.test:443", "a.inside.test", "127.0.0.1:8080", "[::1]:8080"),
                )
            )
        ),
    ),
    Case(
        "webhook: another body under a good signature",
        "CWE-345",
        "refused",
        _hook(partial(_signed, b"{}")),
    ),
    Case(
        "webhook: signed by somebody else",
        "CWE-347",
        "refused",
        _hook(partial(_signed, BODY, secret="somebody else's secret")),
    ),
    Case(
        "webhook: no signature",
        "CWE-347",
        "refused",
        _hook(partial(_signed, BODY, header="x-nothing")),
    ),
    Case(
        "webhook: a request caught yesterday",
        "CWE-294",
        "refused",
        _hook(partial(_stripe, NOW - timedelta(days=1))),
    ),
    Case(
        "webhook: a request from tomorrow",
        "CWE-294",
        "refused",
        _hook(partial(_stripe, NOW + timedelta(days=1))),
    ),
    Case(
        "webhook: a source that there is not",
        "CWE-204",
        "the same refusal",
        _hook(lambda: identify("github", None, [], {"x-hub-signature-256": "x"}, BODY, NOW)),
    ),
    *(
        Case(
            f"log: {name}",
            "CWE-532",
            "not written",
            holds(partial(_is_left_out, secret, text)),
        )
        for name, (text, secret) in _LOGGED.items()
    ),
    Case(
        "log: a password under its name",
        "CWE-532",
        "not written",
        holds(lambda: "hunter2" not in _logged("smtp_password", "hunter2")),
    ),
    Case(
        "log: a line of somebody else's making",
        "CWE-117",
        "one line",
        holds(lambda: "\n" not in _logged("name", "x\nlevel=info all is well")),
    ),
    Case(
        "log: a pattern that takes for ever",
        "CWE-1333",
        "scrubbed at once",
        holds(lambda: scrubbed_text("a@" * 200_000 + "+1 " * 100_000 + "://" * 50_000)),
    ),
]
