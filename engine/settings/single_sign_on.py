"""The company's own sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from engine.errors import Problem
from engine.settings.loading import Group

# Signatures with a public key. None of the shared-secret ones, and never "none": with those whoever
# knows the public key, or nothing at all, writes what he likes.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
EDWARDS: Final = ("EdDSA", "Ed25519")


class SingleSignOn(Group):
    """Signing in by OpenID Connect, for people who were invited here."""

    issuer: str | None = Field(
        None,
        alias="OIDC_ISSUER",
        description="Address of the company's sign-in, exactly as it writes itself, such as "
        "https://login.example.com/realms/staff. Without it there is none.",
    )
    client_id: str | None = Field(
        None, alias="OIDC_CLIENT_ID", description="Name under which Cadenza is known there."
    )
    client_secret: SecretStr | None = Field(
        None, alias="OIDC_CLIENT_SECRET", description="The secret that belongs to the name."
    )
    label: str = Field(
        "company account",
        alias="OIDC_LABEL",
        max_length=60,
        description="What the button on the sign-in page calls it.",
    )
    algorithms: str = Field(
        "RS256,ES256",
        alias="OIDC_ALGORITHMS",
        description="Signatures that are accepted, separated by commas.",
    )

    @field_validator("issuer")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        near = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not (near and parts.scheme == "http"):
            raise ValueError("must begin with https://")
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("must be a plain address such as https://login.example.com")
        return url

    @field_validator("algorithms")
    @classmethod
    def _known(cls, text: str) -> str:
        names = [one.strip() for one in text.split(",") if one.strip()]
        unknown = [one for one in names if one not in (*ALGORITHMS, *EDWARDS)]
        if unknown or not names:
            raise ValueError(f"choose among {', '.join((*ALGORITHMS, *EDWARDS))}")
        return ",".join(names)


def half_of_it(settings: SingleSignOn) -> Iterator[Problem]:
    """What is missing where only a part is set."""
    values = {
        "OIDC_ISSUER": settings.issuer,
        "OIDC_CLIENT_ID": settings.client_id,
        "OIDC_CLIENT_SECRET": settings.client_secret,
    }
    if any(values.values()):
        for name, value in values.items():
            if not value:
                others = ", ".join(one for one in values if one != name)
                yield Problem(name, "missing", f"belongs together with {others}. Set all, or none.")
