"""The audit as it goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.api.shapes.common import Page, Shown


class AuditLine(Shown):
    """`door`: page, api, cli, link, import or system; null for rows of an older release. Erasing a
    person clears `before`, `after` and `why` as of `cleared_at`."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    verb: str
    subject_kind: str
    subject_id: str
    door: str | None
    request_id: str | None
    before: Any
    after: Any
    why: str | None
    cleared_at: datetime | None


class AuditPage(Page):
    items: list[AuditLine]


class AuditFinding(Shown):
    """`fault`: changed, removed, inserted, back_dated, seal_changed or day_changed."""

    fault: str
    audit_id: int | None
    day: date | None


class AuditVerified(Shown):
    """`head` is the last seal: keep it elsewhere, and name it as `head` another time. `pending`
    are rows of the last minute, which are not sealed yet."""

    whole: bool
    rows: int
    days: int
    cleared: int
    pending: int
    head: str
    findings: list[AuditFinding]
    more_findings: int
