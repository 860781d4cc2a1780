"""Jobs and imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from engine.api.shapes.common import Page, Shown

State = Literal["waiting", "running", "done", "failed", "cancelled"]


class JobProblem(Shown):
    place: str
    code: str
    message: str


class JobFailed(Shown):
    """Why a job failed, as a refused request would say it."""

    code: str
    message: str
    problems: list[JobProblem]


class JobShown(Shown):
    """`progress` has `done` and, where it is known, `total`; of imports in bytes or rows. `result`
    depends on `kind`. `has_rejected`: lines to mend can be fetched."""

    id: int
    kind: str
    state: State
    progress: dict[str, Any]
    result: dict[str, Any] | None
    problem: JobFailed | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    has_rejected: bool


class JobPage(Page):
    items: list[JobShown]


class ImportShown(Shown):
    """What an import came to, whoever began it by whichever door."""

    id: int
    at: datetime
    by: str
    kind: str
    file: str
    lines: int
    created: int
    updated: int
    unchanged: int
    rejected: int


class ImportPage(Page):
    items: list[ImportShown]


class ImportKind(Shown):
    """`match_by`: one of these finds a record that is there already."""

    name: str
    fields: list[str]
    match_by: list[str]


class ImportKinds(Shown):
    items: list[ImportKind]
