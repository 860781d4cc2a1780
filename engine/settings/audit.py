"""How long the audit is kept."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from engine.settings.loading import Group


class Audit(Group):
    """Who changed what."""

    days: int = Field(
        0,
        alias="AUDIT_DAYS",
        ge=0,
        le=36_500,
        description="How many days the audit is kept; whole days are removed, and their seals show "
        "that they were there. 0 keeps it for ever.",
    )

    def kept(self) -> timedelta | None:
        return timedelta(days=self.days) if self.days else None
