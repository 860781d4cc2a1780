"""What comes back: bounces, complaints, and when a sender domain must rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from engine.settings.loading import Group

# RFC 5321 allows 64 bytes before the @; the token and its plus sign take 40 of them.
_BOUNCE_ADDRESS = re.compile(r"[A-Za-z0-9._-]{0,24}@[A-Za-z0-9.-]{1,189}", re.ASCII)


class Reports(Group):
    """What mail servers and providers report about messages."""

    bounce_address: str | None = Field(
        None,
        alias="BOUNCE_ADDRESS",
        description="Where mail servers report failures of SMTP mail, such as "
        "bounces@mail.example.com: every message gets bounces+<token>@mail.example.com. "
        "@bounces.example.com takes a whole domain for it.",
    )
    bounce_folder: Path | None = Field(
        None,
        alias="BOUNCE_MAILBOX",
        description="A Maildir or mbox file in which that mail arrives; a worker reads it.",
    )
    bounce_seconds: float = Field(
        60, alias="BOUNCE_MAILBOX_SECONDS", ge=5, description="How often it is read."
    )
    soft_bounces: int = Field(
        3,
        alias="SOFT_BOUNCES",
        ge=1,
        le=100,
        description="So many soft bounces in a row, with nothing read or delivered between, make "
        "an address rest.",
    )
    soft_bounce_days: int = Field(
        30,
        alias="SOFT_BOUNCE_DAYS",
        ge=1,
        le=365,
        description="Within so many days.",
    )
    soft_rest_days: int = Field(
        30,
        alias="SOFT_BOUNCE_REST_DAYS",
        ge=1,
        le=3650,
        description="So long the address is left in peace.",
    )
    least_sent: int = Field(
        500,
        alias="BREAKER_LEAST_SENT",
        ge=1,
        description="A sender domain is judged by its last seven days once it sent this much.",
    )
    warn_bounces: float = Field(
        0.02, alias="BREAKER_WARN_BOUNCES", gt=0, le=1, description="Share of bounces to warn at."
    )
    pause_bounces: float = Field(
        0.05,
        alias="BREAKER_PAUSE_BOUNCES",
        gt=0,
        le=1,
        description="Share of bounces at which the domain's marketing waits until somebody "
        "resumes it.",
    )
    warn_complaints: float = Field(
        0.001,
        alias="BREAKER_WARN_COMPLAINTS",
        gt=0,
        le=1,
        description="Share of complaints to warn at.",
    )
    pause_complaints: float = Field(
        0.003,
        alias="BREAKER_PAUSE_COMPLAINTS",
        gt=0,
        le=1,
        description="Share of complaints at which it waits.",
    )

    @field_validator("bounce_address")
    @classmethod
    def _usable(cls, address: str | None) -> str | None:
        if address is not None and not _BOUNCE_ADDRESS.fullmatch(address):
            raise ValueError(
                "must be an address such as bounces@mail.example.com, with at most 24 plain "
                "letters before the @, or a domain such as @bounces.example.com"
            )
        return address

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.warn_bounces > self.pause_bounces:
            raise ValueError("BREAKER_WARN_BOUNCES must not be above BREAKER_PAUSE_BOUNCES")
        if self.warn_complaints > self.pause_complaints:
            raise ValueError("BREAKER_WARN_COMPLAINTS must not be above BREAKER_PAUSE_COMPLAINTS")
        return self
