"""A small company on a virtual clock, and one request in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.approvals import Chain, read_chain
from engine.errors import Problem
from engine.machines import approval
from engine.machines.approval import Here, Moved, State, Tell
from engine.people import Absence, Directory, Person, Team
from engine.working_time import Hours, WorkingCalendar

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_DAY: Hours = ((540, 1020),)
WEEK = WorkingCalendar((_DAY, _DAY, _DAY, _DAY, _DAY, (), ()), zone="UTC")
# Ben asks; Eve is his manager, Finn hers; Dora is an admin; Gus and Hope are colleagues.
BEN, EVE, FINN, DORA, GUS, HOPE = 1, 2, 3, 4, 5, 6


def directory(
    *absences: Absence, left: frozenset[int] = frozenset(), **managers: int | None
) -> Directory:
    above = {BEN: EVE, EVE: FINN, FINN: None, DORA: None, GUS: EVE, HOPE: EVE}
    names = {BEN: "ben", EVE: "eve", FINN: "finn", DORA: "dora", GUS: "gus", HOPE: "hope"}
    roles = {BEN: "rep", EVE: "sales_manager", FINN: "sales_manager", DORA: "admin"}
    people = {
        id_: Person(
            id_,
            name.title(),
            f"{name}@example.com",
            roles.get(id_, "service"),
            team="North",
            manager_id=managers.get(name, above[id_]),
            active=id_ not in left,
        )
        for id_, name in names.items()
    }
    away: dict[int, tuple[Absence, ...]] = {}
    for one in absences:
        away[one.user_id] = (*away.get(one.user_id, ()), one)
    return Directory(people, {"North": Team("North", EVE, None, tuple(people))}, away)


def chain(*levels: dict[str, Any], **more: Any) -> Chain:
    document = {
        "levels": [{"key": f"level_{n}", **level} for n, level in enumerate(levels, 1)],
        **more,
    }
    problems: list[Problem] = []
    read = read_chain(document, problems)
    assert read is not None, problems
    return read


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"user": f"{name}@example.com", **more}


@dataclass
class Office:
    chain: Chain
    people: Directory = field(default_factory=directory)
    now: datetime = MONDAY
    calendar: WorkingCalendar | None = None
    requester: int | None = BEN
    owner: int | None = BEN
    facts: dict[str, Any] = field(default_factory=dict)
    holds: Callable[[Any], bool] = lambda rule: True
    state: State = field(init=False)
    told: list[Tell] = field(default_factory=list)

    def here(self) -> Here:
        return Here(
            self.chain,
            self.people,
            self.now,
            self.calendar,
            "UTC",
            self.requester,
            self.owner,
            self.facts,
            self.holds,
        )

    def open(self, deadline: datetime | None = None) -> Office:
        path = self.chain.levels_for(None, "EUR")
        self.took(approval.opened(self.here(), path, deadline))
        return self

    def took(self, moved: Moved) -> str | None:
        self.state = moved.state
        self.told += moved.tells
        return moved.refused

    def votes(self, by: int, vote: Any = "approved") -> str | None:
        return self.took(approval.voted(self.state, self.here(), by, vote))

    def later(self, **span: float) -> Office:
        self.now += timedelta(**span)
        self.took(approval.time_came(self.state, self.here()))
        return self

    def until_ended(self, most: timedelta) -> Office:
        """Wake up whenever the machine wants to, as its host does."""
        until = self.now + most
        while (due := approval.next_due(self.state, self.here())) is not None and due <= until:
            self.now = due
            self.took(approval.time_came(self.state, self.here()))
        return self

    @property
    def status(self) -> str:
        return self.state.status

    def asked(self) -> list[int]:
        return [tell.user_id for tell in self.told if tell.about == "asked"]
