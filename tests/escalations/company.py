"""A small company for policies: Ben owns, Eve is his manager, Gil hers; Dora runs things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.escalations.policy import Policy
from engine.escalations.rotation import Rotation
from engine.escalations.targets import Scene
from engine.machines.escalation import Around, CaseState, Course, Happening, proceed
from engine.people import Absence, Directory, Person, Team
from engine.working_time import WorkingCalendar

BEN, EVE, GIL, DORA, FRED = 1, 2, 3, 4, 5
NINE_TO_SIX = WorkingCalendar((*(((540, 1080),),) * 5, (), ()), zone="Europe/Berlin")


def person(id_: int, name: str, role: str = "rep", **more: Any) -> Person:
    return Person(id_, name, f"{name.lower()}@example.com", role, **more)


def company(*absences: Absence, **changes: Any) -> Directory:
    people = {
        BEN: person(BEN, "Ben", team="North", manager_id=EVE),
        EVE: person(EVE, "Eve", "sales_manager", team="North", manager_id=GIL),
        GIL: person(GIL, "Gil", "sales_manager"),
        DORA: person(DORA, "Dora", "admin"),
        FRED: person(FRED, "Fred", active=False),
    }
    teams = {"North": Team("North", EVE, None, (BEN, EVE)), "South": Team("South")}
    away: dict[int, tuple[Absence, ...]] = {}
    for one in absences:
        away[one.user_id] = (*away.get(one.user_id, ()), one)
    return replace(Directory(people, teams, away), **changes)


def around(
    directory: Directory | None = None,
    rotations: Mapping[str, Rotation] | None = None,
    calendars: Mapping[str, WorkingCalendar] | None = None,
    owner_id: int | None = BEN,
) -> Around:
    scene = Scene(directory or company(), rotations or {}, owner_id, "North")
    known = {"": NINE_TO_SIX} if calendars is None else calendars
    return Around(scene, known, "Europe/Berlin")


class Life:
    """One case and its clock: it is looked at when it is due, and never otherwise."""

    def __init__(self, policy: Mapping[str, Any], place: Around, now: datetime) -> None:
        self.policy = Policy.model_validate(policy)
        self.around = place
        self.now = now
        self.state = CaseState()
        self.due: datetime | None = None
        self.log: list[tuple[datetime, Any]] = []

    def meet(self, happening: Happening) -> Course:
        course = proceed(self.policy, self.state, happening, self.around, self.now)
        # it comes back from its row as it was written
        self.state = CaseState.from_json(course.state.as_json())
        self.due = course.due
        self.log += [(self.now, effect) for effect in course.effects]
        return course

    def until(self, to: datetime, happening: Happening) -> None:
        """Let the time pass, and look whenever it is due."""
        looks = 0
        while self.due is not None and self.due <= to:
            self.now = max(self.now, self.due)
            self.meet(happening)
            looks += 1
            assert looks < 500, "it is due again and again"
        self.now = to

    def later(self, span: timedelta, happening: Happening) -> None:
        self.until(self.now + span, happening)
