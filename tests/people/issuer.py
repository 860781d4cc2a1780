"""A company's sign-in that runs here and says what a test wants it to say."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "cadenza", "a secret of the client"


@dataclass
class Issuer:
    """`token` is what the token endpoint gives; `asked` the forms it was given."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    port: int = 0
    token: str = ""
    said_issuer: str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    keys_asked: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def claims(self, nonce: str, now: float, /, **changed: Any) -> dict[str, Any]:
        usual = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "4711",
            "nonce": nonce,
            "iat": int(now),
            "exp": int(now) + 300,
            "email": "ben@example.com",
            "email_verified": True,
        }
        return {name: value for name, value in (usual | changed).items() if value is not None}

    def sign(self, claims: dict[str, Any], *, key: Any = None, algorithm: str = "RS256") -> str:
        header = {"alg": algorithm, "kid": "one"}
        return jwt.encode(header, claims, key or self.key, algorithms=[algorithm])

    def sign_with_public_key(self, claims: dict[str, Any]) -> str:
        """What somebody writes who knows no secret: the public key taken for a shared one."""
        parts = [_part({"alg": "HS256", "kid": "one"}), _part(claims)]
        shared = self.key.as_pem(private=False)
        digest = hmac.new(shared, ".".join(parts).encode(), hashlib.sha256).digest()
        return ".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()])

    def answer(self, path: str, body: str) -> dict[str, Any]:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.said_issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        if path == "/keys":
            self.keys_asked += 1
            return {"keys": [self.key.as_dict(private=False)]}
        self.asked.append({name: values[0] for name, values in parse_qs(body).items()})
        return {"id_token": self.token, "access_token": "x", "token_type": "Bearer"}


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@asynccontextmanager
async def serving(issuer: Issuer) -> AsyncIterator[Issuer]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = 0
        for line in head.split("\r\n"):
            if line.lower().startswith("content-length:"):
                length = int(line.partition(":")[2])
        body = (await reader.readexactly(length)).decode()
        said = json.dumps(issuer.answer(head.split(" ")[1], body)).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(said) + said
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    issuer.port = server.sockets[0].getsockname()[1]
    async with server:
        yield issuer
