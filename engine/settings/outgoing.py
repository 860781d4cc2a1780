"""Calls of other systems."""

from __future__ import annotations

from pydantic import Field, field_validator

from engine.reachable import Reachable, read_reachable
from engine.settings.loading import Group


class Outgoing(Group):
    """Calls that flows make to other systems."""

    allow: str = Field(
        "",
        alias="OUTGOING_ALLOW",
        description="Internal systems that flows may call, separated by commas: names or networks, "
        "with a port or without, such as erp.internal:8000, 10.2.0.0/16. Otherwise only what "
        "everybody on the internet can reach is called.",
    )
    ports: str = Field(
        "80,443,8080,8443",
        alias="OUTGOING_PORTS",
        description="Ports that may be called on the internet.",
    )
    connections: int = Field(
        40, alias="OUTGOING_CONNECTIONS", ge=1, le=1000, description="Most calls at a time."
    )
    max_answer_bytes: int = Field(
        65_536,
        alias="OUTGOING_MAX_ANSWER_BYTES",
        ge=1024,
        description="How much of an answer is read; the rest is left.",
    )

    log_days: int = Field(
        30,
        alias="WEBHOOK_LOG_DAYS",
        ge=1,
        le=3650,
        description="How long deliveries of webhooks are kept once they are over.",
    )

    @field_validator("allow", "ports")
    @classmethod
    def _readable(cls, text: str, info: object) -> str:
        is_ports = getattr(info, "field_name", "") == "ports"
        read_reachable("" if is_ports else text, text if is_ports else None)
        return text

    def reachable(self) -> Reachable:
        return read_reachable(self.allow, self.ports)
