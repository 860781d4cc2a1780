"""People, teams and absences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Moment, Page, ProblemItem, Shown
from engine.services.organisation.absences import LONGEST_NOTE
from engine.services.organisation.teams import LONGEST_NAME, MOST_MOVED

_HIGHEST = 2**53
_TEAM: dict[str, Any] = {"name": "East", "head_id": None, "calendar": "default"}
_ABSENCE: dict[str, Any] = {
    "starts_at": "2026-08-03T00:00:00+02:00",
    "ends_at": "2026-08-17T00:00:00+02:00",
    "deputy_id": None,
    "note": "Summer holidays",
}


class PersonShown(Shown):
    """`email` is null for those who may not see it. `absent_until` is null for somebody who is
    there; `acting_id` is who acts for them now, themselves mostly, null when nobody does.
    """

    id: int
    name: str
    email: str | None
    role: str
    team: str | None
    manager_id: int | None
    active: bool
    language: str
    zone: str | None
    calendar: str | None
    skills: list[str]
    territories: list[str]
    absent_until: datetime | None
    acting_id: int | None


class PeoplePage(Page):
    items: list[PersonShown]


class Findings(Shown):
    """What approvals and escalations would stumble over; `place` is a person or a team."""

    problems: list[ProblemItem]


class TeamGiven(Given):
    """The whole team: who leads it, and by which calendar its people work. Null: nobody, and the
    default one.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_TEAM]})

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    head_id: int | None = Field(None, ge=1, le=_HIGHEST)
    calendar: str | None = Field(None, max_length=63)


class TeamShown(Shown):
    """`members` counts active people."""

    id: int
    name: str
    head_id: int | None
    head: str | None
    calendar: str | None
    members: int


class TeamList(Shown):
    items: list[TeamShown]


class MembersGiven(Given):
    """People who leave the team they are in for this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user_ids": [1]}]})

    user_ids: list[int] = Field(min_length=1, max_length=MOST_MOVED)


class AbsenceGiven(Given):
    """Away from `starts_at` until just before `ends_at`. Without `user_id` it is the key's own
    person; others need a role that enters everybody's. Absences of a person do not overlap.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ABSENCE]})

    starts_at: Moment
    ends_at: Moment
    user_id: int | None = Field(None, ge=1, le=_HIGHEST)
    deputy_id: int | None = Field(None, ge=1, le=_HIGHEST)
    note: str | None = Field(None, max_length=LONGEST_NOTE)


class AbsenceShown(Shown):
    """`note` is shown to the person and to those who enter everybody's absences."""

    id: int
    user_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    deputy_id: int | None
    deputy: str | None
    note: str | None


class AbsencePage(Page):
    items: list[AbsenceShown]


class AbsenceSaved(Shown):
    """`warnings` do not stand in the way."""

    id: int
    warnings: list[ProblemItem]
