"""SendGrid, for DELIVERY_CHANNEL=sendgrid."""

from __future__ import annotations

from base64 import b64decode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field, SecretStr, field_validator

from engine.reachable import url_problem
from engine.settings.loading import Group


class SendGrid(Group):
    """Sending by SendGrid."""

    key: SecretStr | None = Field(
        None, alias="SENDGRID_API_KEY", description="An API key that may send mail."
    )
    api: str = Field(
        "https://api.sendgrid.com",
        alias="SENDGRID_API",
        description="Its address; https://api.eu.sendgrid.com for accounts in the EU.",
    )
    sandbox: bool = Field(
        False,
        alias="SENDGRID_SANDBOX",
        description="true: SendGrid checks each mail and delivers nothing.",
    )
    per_second: float | None = Field(
        None,
        alias="SENDGRID_MESSAGES_PER_SECOND",
        gt=0,
        description="Most messages handed over in a second; no limit of our own when not set.",
    )

    webhook_key: str = Field(
        "",
        alias="SENDGRID_WEBHOOK_KEYS",
        description="Verification keys of its event webhook, separated by commas; several while "
        "one replaces another. Without any, events are refused.",
    )

    def webhook_keys(self) -> list[str]:
        return [key for part in self.webhook_key.split(",") if (key := part.strip())]

    @field_validator("webhook_key")
    @classmethod
    def _readable(cls, text: str) -> str:
        for key in filter(None, (part.strip() for part in text.split(","))):
            try:
                kind = load_der_public_key(b64decode(key, validate=True))
            except (ValueError, UnsupportedAlgorithm):
                kind = None
            if not isinstance(kind, ec.EllipticCurvePublicKey):
                raise ValueError("must be keys as SendGrid shows them beside its event webhook")
        return text

    @field_validator("api")
    @classmethod
    def _callable(cls, address: str) -> str:
        trouble = url_problem(address)
        if trouble is not None:
            raise ValueError(f"the address {trouble}")
        return address.rstrip("/")
