"""Our own people as a process knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import directory as rows
from engine.people import Absence, Directory, Person, Team


@dataclass(slots=True)
class PeopleShelf:
    """`directory` costs one small statement; the answer stays the same object as long as nobody
    has changed users, teams or absences, by whatever door."""

    _mark: rows.Mark | None = None
    _directory: Directory = field(default_factory=Directory)

    async def directory(self, session: AsyncSession) -> Directory:
        """As of the last commit, and with what this transaction itself has changed."""
        # read first: what is changed meanwhile is read again next time
        mark = await rows.people_mark(session)
        if mark != self._mark:
            directory = built(
                await rows.person_rows(session),
                await rows.team_rows(session),
                await rows.absence_rows(session),
            )
            self._mark, self._directory = mark, directory
            return directory
        return self._directory


def built(
    people: Sequence[rows.PersonRow],
    teams: Sequence[rows.TeamRow],
    absences: Sequence[rows.AbsenceRow],
) -> Directory:
    members: dict[str, list[int]] = defaultdict(list)
    away: dict[int, list[Absence]] = defaultdict(list)
    for row in people:
        if row.team is not None:
            members[row.team].append(row.id)
    for one in absences:
        starts, ends = one.starts_at.astimezone(UTC), one.ends_at.astimezone(UTC)
        away[one.user_id].append(Absence(one.user_id, starts, ends, one.deputy_id))
    return Directory(
        people={row.id: _person(row) for row in people},
        teams={
            row.name: Team(row.name, row.head_id, row.calendar, tuple(members[row.name]))
            for row in teams
        },
        absences={user_id: tuple(found) for user_id, found in away.items()},
    )


def _person(row: rows.PersonRow) -> Person:
    words = {"skills": frozenset(row.skills), "territories": frozenset(row.territories)}
    return Person(**{**row._asdict(), **words})
