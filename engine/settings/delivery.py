"""Outgoing mail and the local mailbox."""

from __future__ import annotations

from typing import Literal
from zoneinfo import available_timezones

from babel.numbers import is_currency
from pydantic import Field, SecretStr, field_validator

from engine.settings.loading import Group, Port


class Delivery(Group):
    """Outgoing mail."""

    channel: Literal["mailbox", "smtp", "sendgrid", "null"] = Field(
        "mailbox",
        alias="DELIVERY_CHANNEL",
        description="mailbox keeps mail here to be looked at, smtp and sendgrid send it, null "
        "drops it.",
    )
    mail_from: str = Field(
        "Cadenza <hello@cadenza.test>",
        alias="MAIL_FROM",
        description="Sender of every message whose template names no other.",
    )
    reply_to: str | None = Field(
        None, alias="MAIL_REPLY_TO", description="Where answers go when not to MAIL_FROM."
    )
    host: str | None = Field(None, alias="SMTP_HOST", description="Mail server to hand mail to.")
    port: Port = Field(587, alias="SMTP_PORT", description="Its port.")
    security: Literal["none", "starttls", "tls"] = Field(
        "starttls",
        alias="SMTP_SECURITY",
        description="starttls (port 587), tls from the first byte (port 465), or none.",
    )
    username: str | None = Field(None, alias="SMTP_USERNAME", description="Account at the server.")
    password: SecretStr | None = Field(None, alias="SMTP_PASSWORD", description="Its password.")
    verify: bool = Field(
        True, alias="SMTP_VERIFY", description="Whether its certificate must be a trusted one."
    )
    timeout_seconds: float = Field(
        20, alias="SMTP_TIMEOUT_SECONDS", gt=0, description="Longest wait for one answer."
    )
    connections: int = Field(
        8, alias="SMTP_CONNECTIONS", ge=1, le=100, description="Connections kept open at a time."
    )
    per_second: float | None = Field(
        None,
        alias="SMTP_MESSAGES_PER_SECOND",
        gt=0,
        description="Most messages handed over in a second, as the provider allows; no limit "
        "when not set.",
    )


class Company(Group):
    """Who writes, for the foot of every mail; and what is assumed of people we know little of."""

    website: str | None = Field(
        None, alias="COMPANY_WEBSITE", description="Address of your site, for the foot of mails."
    )
    postal_address: str | None = Field(
        None,
        alias="COMPANY_POSTAL_ADDRESS",
        description="Your postal address, which many countries demand in every advertisement.",
    )
    default_language: str = Field(
        "en", alias="DEFAULT_LANGUAGE", description="Language of a contact who has none set."
    )
    default_zone: str = Field(
        "UTC",
        alias="DEFAULT_TIME_ZONE",
        description="Time zone of a contact who has none set, such as Europe/Berlin.",
    )
    base_currency: str = Field(
        "USD",
        alias="BASE_CURRENCY",
        description="Currency in which amounts are compared and added up, such as EUR. After a "
        "change a worker converts everything again by the rates for it.",
    )

    @field_validator("default_zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("must be the name of a time zone, such as Europe/Berlin or UTC")
        return zone

    @field_validator("base_currency")
    @classmethod
    def _currency(cls, code: str) -> str:
        if not is_currency(code):
            raise ValueError("must be a currency's code of three capitals, such as EUR or SGD")
        return code


class Mailbox(Group):
    """The local mailbox: mail that goes nowhere and can be read in the designer."""

    host: str = Field("127.0.0.1", alias="MAILBOX_HOST", description="Address it listens on.")
    port: Port = Field(
        1025, alias="MAILBOX_PORT", description="Wanted SMTP port; the next free one if taken."
    )
    max_message_bytes: int = Field(
        10_485_760, alias="MAILBOX_MAX_MESSAGE_BYTES", ge=1024, description="Largest message kept."
    )
    keep_free_bytes: int = Field(
        104_857_600,
        alias="MAILBOX_KEEP_FREE_BYTES",
        ge=0,
        description="Mail is refused for now (452) when less than this is left on the disk.",
    )
