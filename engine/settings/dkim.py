"""Signing mail for the sender's domain."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import Field, field_validator

from engine.settings.loading import Group

_PART = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


class Dkim(Group):
    """Signing of mail that goes by SMTP (DKIM). SendGrid signs by itself."""

    signing: str = Field(
        "",
        alias="DKIM_KEYS",
        description="domain:selector:file of each sender domain that is signed, separated by "
        "commas; the file holds an RSA or Ed25519 private key in PEM. Mail from other domains goes "
        "unsigned.",
    )

    @field_validator("signing")
    @classmethod
    def _readable(cls, text: str) -> str:
        for part in filter(None, (one.strip() for one in text.split(","))):
            domain, selector, file = (*part.split(":", 2), "", "")[:3]
            if not (_PART.fullmatch(domain) and _PART.fullmatch(selector) and file):
                raise ValueError(
                    "must be domain:selector:file, such as example.com:s1:/keys/s1.pem"
                )
            _check(Path(file))
        return text

    def domains(self) -> list[tuple[str, str, bytes]]:
        """(domain, selector, key in PEM) of each domain."""
        parts = [one.strip().split(":", 2) for one in self.signing.split(",") if one.strip()]
        return [(domain, selector, Path(file).read_bytes()) for domain, selector, file in parts]


def _check(file: Path) -> None:
    """Raises ValueError for what holds no such key."""
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError:
        raise ValueError(f'the file "{file}" cannot be read') from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f'"{file}" holds no private key in PEM without a password') from None
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError(f'"{file}" holds neither an RSA nor an Ed25519 key')
