"""A gateway of one's own that is told each message as signed JSON."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator

from engine.channels.base import Channel
from engine.channels.kinds.base import ChannelKind, Medium, Tools
from engine.channels.webhook import WebhookChannel
from engine.reachable import url_problem
from engine.steps.words import Words


class Gateway(ChannelKind):
    """`writes_to` says what it does with a message: it delivers e-mail or SMS, or knows our
    contacts by number itself ("webhook")."""

    kind: ClassVar[str] = "webhook"
    label: ClassVar[Words] = Words("Own gateway (webhook)", "自有网关（Webhook）")
    usual_medium: ClassVar[Medium] = "webhook"

    url: str
    secret: SecretStr
    writes_to: Literal["email", "sms", "webhook"] = Field("webhook")

    @field_validator("url")
    @classmethod
    def _callable(cls, address: str) -> str:
        trouble = url_problem(address)
        if trouble is not None:
            raise ValueError(f"the address {trouble}")
        return address

    @field_validator("secret")
    @classmethod
    def _signs(cls, secret: SecretStr) -> SecretStr:
        prefix, _, encoded = secret.get_secret_value().partition("_")
        try:
            key = b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if prefix != "whsec" or not 24 <= len(key) <= 64:
            message = "must be whsec_ and 24 to 64 bytes in base64, as Standard Webhooks has it"
            raise ValueError(message)
        return secret

    @property
    def medium(self) -> Medium:
        return self.writes_to

    def build(self, tools: Tools) -> Channel:
        return WebhookChannel(
            tools.name,
            self.url,
            self.secret.get_secret_value(),
            tools.outgoing,
            per_second=tools.per_second,
        )
