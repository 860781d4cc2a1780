"""What the company's sign-in says about itself, and what it answers: asked, checked, remembered.

Nothing it says is believed for being said: addresses must be of its own scheme, the issuer must be
the one of the settings to the letter, answers are bounded by the one outgoing client.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.errors import NotSignedIn, Unavailable
from engine.outgoing import Call, Outgoing, OutgoingError

REMEMBERED_FOR: Final = timedelta(hours=1)
# A key nobody knows is asked for again, and not for every token that names one.
KEYS_AT_MOST_EVERY: Final = timedelta(minutes=1)
SCOPE: Final = "openid email profile"


class NotLetIn(NotSignedIn):
    """The company's sign-in did not prove who this is. `reason` is stable and for the log; the
    person is told the same whatever it is."""

    code = "not_let_in"

    def __init__(self, reason: str) -> None:
        super().__init__("The company's sign-in did not let you in.")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Client:
    """How Cadenza is known at the issuer. `label` is what people call the issuer."""

    issuer: str
    client_id: str
    client_secret: str
    back: str
    label: str
    algorithms: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Client({self.issuer})"


@dataclass(frozen=True, slots=True)
class Endpoints:
    authorization: str
    token: str
    keys: str


class Provider:
    """One per process."""

    def __init__(self, client: Client, outgoing: Outgoing, now: Callable[[], datetime]) -> None:
        self.client = client
        self._outgoing = outgoing
        self._now = now
        self._endpoints: tuple[datetime, Endpoints] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    async def endpoints(self) -> Endpoints:
        known = self._endpoints
        if known is not None and self._now() - known[0] < REMEMBERED_FOR:
            return known[1]
        issuer = self.client.issuer
        told = await self._json(
            Call("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        )
        if told.get("issuer") != issuer:
            raise NotLetIn("wrong_issuer_in_configuration")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        found = Endpoints(*(self._address(told.get(name)) for name in names))
        self._endpoints = (self._now(), found)
        return found

    async def keys(self, *, again: bool = False) -> KeySet:
        """`again`: a token names a key that is not among those remembered."""
        known = self._keys
        limit = KEYS_AT_MOST_EVERY if again else REMEMBERED_FOR
        if known is not None and self._now() - known[0] < limit:
            return known[1]
        told = await self._json(Call("GET", (await self.endpoints()).keys))
        try:
            found = KeySet.import_key_set({"keys": _public(told)})
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotLetIn("unreadable_keys") from error
        self._keys = (self._now(), found)
        return found

    async def leave_for(self, state: str, nonce: str, challenge: str) -> str:
        """Where to send the browser."""
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.back,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = (await self.endpoints()).authorization
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def id_token(self, code: str, verifier: str) -> str:
        """What the issuer gives for the code of a browser that came back. Raises NotLetIn."""
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.back,
            "code_verifier": verifier,
        }
        name = (
            f"{quote(self.client.client_id, safe='')}:{quote(self.client.client_secret, safe='')}"
        )
        headers = {
            "Authorization": f"Basic {b64encode(name.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        address = (await self.endpoints()).token
        told = await self._json(Call("POST", address, headers, urlencode(body).encode()))
        token = told.get("id_token")
        if not isinstance(token, str) or len(token) > 16_000:
            raise NotLetIn("no_id_token")
        return token

    async def _json(self, call: Call) -> Mapping[str, Any]:
        try:
            answer = await self._outgoing.send(call)
        except OutgoingError as error:
            raise Unavailable("The company's sign-in cannot be reached just now.") from error
        if answer.status >= 500:
            raise Unavailable("The company's sign-in has troubles of its own just now.")
        if answer.status != 200 or answer.cut:
            raise NotLetIn("refused_by_issuer")
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise NotLetIn("unreadable_answer") from error
        if not isinstance(told, dict):
            raise NotLetIn("unreadable_answer")
        return told

    def _address(self, told: object) -> str:
        scheme = urlsplit(self.client.issuer).scheme
        if not isinstance(told, str) or urlsplit(told).scheme not in {"https", scheme}:
            raise NotLetIn("bad_endpoint")
        return told


def _public(told: Mapping[str, Any]) -> list[Any]:
    """The keys that may sign: public ones of a kind we accept, meant for signatures."""
    keys = told.get("keys")
    if not isinstance(keys, list):
        raise NotLetIn("unreadable_keys")
    return [
        one
        for one in keys[:100]
        if isinstance(one, dict)
        and one.get("kty") in ("RSA", "EC", "OKP")
        and one.get("use", "sig") == "sig"
        and "d" not in one
    ]
