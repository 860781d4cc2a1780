"""Where people, teams and calendars are found."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

PEOPLE: Final = "/people"
CALENDARS: Final = "/calendars"


def person_at(user_id: int) -> str:
    return f"{PEOPLE}/{user_id}"


def team_at(name: str) -> str:
    return f"/teams/{quote(name, safe='')}"


def calendar_at(name: str) -> str:
    return f"{CALENDARS}/{quote(name, safe='')}"
