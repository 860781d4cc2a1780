"""What goes in and comes out of the operations about privacy, retention and backups."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_READ = ConfigDict(from_attributes=True)
_STRICT = ConfigDict(extra="forbid", strict=True)


class NewPrivacyRequest(BaseModel):
    """What somebody asked for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "export", "contact": 1}]}
    )

    kind: Literal["export", "erase"]
    contact: int = Field(ge=1, le=2**53, description="The contact's number.")
    asked_at: datetime | None = Field(None, description="When they asked; now without it.")
    note: str = Field("", max_length=1_000, description="How it came.")


class Declining(BaseModel):
    model_config = _STRICT

    reason: str = Field(max_length=1_000, description="Why, as the person is told.")


class PrivacyRequestShown(BaseModel):
    model_config = _READ

    id: int
    kind: str
    contact_number: int
    state: str
    asked_at: datetime
    due_at: datetime
    note: str | None
    opened_by: str
    done_at: datetime | None
    done_by: str | None
    reason: str | None
    certificate: dict[str, Any] | None


class PrivacyRequestPage(BaseModel):
    items: list[PrivacyRequestShown]
    next: str | None


class RetentionRuleShown(BaseModel):
    """`keep_days` null: rows of this kind stay for ever."""

    model_config = _READ

    kind: str
    keep_days: int | None
    least_days: int
    changed_at: datetime | None
    changed_by: str | None
    applied_at: datetime | None
    removed: int


class RetentionGiven(BaseModel):
    """For how many days rows of the kind stay; not less than its `least_days`."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"keep_days": 730}]}
    )

    keep_days: int = Field(ge=1, le=3650)


class RetentionPreview(BaseModel):
    """`rows` are older just now, and would go within a day."""

    kind: str
    keep_days: int
    rows: int


class Erasing(BaseModel):
    """`contact` is the number of the person once more, so that nobody else is erased."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"contact": 1}]}
    )

    contact: int = Field(ge=1, le=2**53)


class Readmitting(BaseModel):
    """An e-mail address, or a telephone number with its country (`+65...`)."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"address": "a@example.com"}]}
    )

    address: str = Field(min_length=3, max_length=320, pattern=r"^[^\x00]+$")


class RetentionRules(BaseModel):
    items: list[RetentionRuleShown]


class BackupShown(BaseModel):
    model_config = _READ

    taken_at: datetime
    finished_at: datetime
    file_name: str
    size_bytes: int
    sha256: str
    schema_revision: str
    with_keys: bool
    made_by: str


class WaitingShown(BaseModel):
    model_config = _READ

    kind: str
    waiting: int
    oldest: datetime | None


class HeldShown(BaseModel):
    """A restored database that does nothing by itself."""

    model_config = _READ

    taken_at: datetime
    restored_at: datetime
    file_name: str
    waiting: list[WaitingShown]


class BackupState(BaseModel):
    """The newest backups, and the restore that waits for a person; null when none does."""

    backups: list[BackupShown]
    held: HeldShown | None
