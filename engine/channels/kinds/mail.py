"""Channels for e-mail: another SMTP server, another SendGrid account."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from engine.channels.base import Channel
from engine.channels.kinds.base import ChannelKind, Tools
from engine.channels.sendgrid import API, SendGridAccount, SendGridChannel
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.reachable import url_problem
from engine.steps.words import Words


class Smtp(ChannelKind):
    kind: ClassVar[str] = "smtp"
    label: ClassVar[Words] = Words("Mail server (SMTP)", "邮件服务器（SMTP）")

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    connections: int = Field(8, ge=1, le=100)
    timeout_seconds: float = Field(20, gt=0, le=120)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError("the password would travel in the clear: use starttls or tls")
        return self

    def build(self, tools: Tools) -> Channel:
        server = SmtpServer(
            self.host,
            self.port,
            security=self.security,
            username=self.username,
            password=self.password.get_secret_value() if self.password else None,
            connections=self.connections,
            timeout=timedelta(seconds=self.timeout_seconds),
        )
        return SmtpChannel(
            server,
            message_id_domain=tools.domain,
            per_second=tools.per_second,
            signers=tools.signers,
        )


class SendGrid(ChannelKind):
    kind: ClassVar[str] = "sendgrid"
    label: ClassVar[Words] = Words("SendGrid", "SendGrid")

    key: SecretStr = Field(min_length=1)
    api: str = API
    sandbox: bool = False

    @field_validator("api")
    @classmethod
    def _callable(cls, address: str) -> str:
        trouble = url_problem(address)
        if trouble is not None:
            raise ValueError(f"the address {trouble}")
        return address.rstrip("/")

    def build(self, tools: Tools) -> Channel:
        account = SendGridAccount(
            self.key.get_secret_value(), self.sandbox, self.api, *tools.by_provider
        )
        return SendGridChannel(account, tools.outgoing, per_second=tools.per_second)
