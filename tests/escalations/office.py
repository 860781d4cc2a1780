"""Cases on a real database and a clock that jumps from one due time to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crm_store.models import Team, User
from crm_store.session import Store
from engine.definitions import read_definition
from engine.escalations.urgency import Urgency
from engine.flows.words import Words
from engine.services.actor import SYSTEM, Actor
from engine.services.calendars.editing import NewCalendar, put_calendar
from engine.services.definitions.publishing import publish
from engine.services.escalations import OpenCase, answer_as, open_case
from engine.services.organisation.absences import AbsenceGiven, add_absence
from engine.services.people import ensure_roles
from engine.services.tending import Answered
from tests.driving.world import CrashingStore, RememberingChannel, World

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass
class Office:
    """Ben reports to Eve; Gil and Dora, an admin, are there too. Hours are those of Berlin."""

    world: World
    ids: dict[str, int] = field(default_factory=dict)

    @staticmethod
    async def furnished(store: Store) -> Office:
        office = Office(World(CrashingStore(store), RememberingChannel()))
        async with store.transaction() as session:
            await ensure_roles(session)
            team = Team(name="North")
            session.add(team)
            await session.flush()
            for name, role in (
                ("eve", "sales_manager"),
                ("ben", "rep"),
                ("gil", "service"),
                ("dora", "admin"),
                ("vic", "viewer"),
            ):
                user = User(
                    name=name.title(),
                    name_key=name,
                    email=f"{name}@example.com",
                    email_key=f"{name}@example.com",
                    role=role,
                    team_id=team.id,
                    manager_id=office.ids.get("eve") if name == "ben" else None,
                    language="zh" if name == "gil" else "en",
                )
                session.add(user)
                await session.flush()
                office.ids[name] = user.id
            hours = {day: [["09:00", "18:00"]] for day in WEEKDAYS}
            await put_calendar(
                session,
                SYSTEM,
                NewCalendar(
                    "office",
                    hours,
                    zone="Europe/Berlin",
                    country="DE",
                    exceptions={"2026-03-30": []},
                    is_default=True,
                ),
                office.world.now,
            )
        return office

    async def publish(self, source: str) -> int:
        """The id of the version."""
        draft = read_definition(source, "policy.yaml")
        async with self.world.store.store.transaction() as session:
            published = await publish(session, SYSTEM, draft, now=self.world.now)
        return published.version_id

    async def away(self, name: str, starts: str, ends: str, deputy: str | None = None) -> None:
        deputy_id = self.ids[deputy] if deputy else None
        given = AbsenceGiven(self.ids[name], at(starts), at(ends), deputy_id, None)
        async with self.world.store.store.transaction() as session:
            await add_absence(session, SYSTEM, given, self.world.now)

    async def open(self, policy: Any, subject_id: int = 7, **more: Any) -> int:
        more.setdefault("key", f"test/{self.world.now.isoformat()}/{subject_id}")
        more.setdefault("owner_id", self.ids["ben"])
        more.setdefault("subject_kind", "ticket")
        more.setdefault("urgency", Urgency.NORMAL)
        words = {"title": Words("Late", "已逾期"), "body": Words("Since noon.", "自中午起。")}
        async with self.world.work() as work:
            return await open_case(work, OpenCase(policy, subject_id=subject_id, **(words | more)))

    async def until(self, moment: str) -> None:
        """Let the time pass; hosts look at what is due when it is due."""
        to = at(moment)
        while True:
            [[due]] = await self.world.rows("SELECT min(due_at) FROM clock")
            if due is None or due > to:
                break
            self.world.now = max(self.world.now, due.astimezone(UTC))
            await self.world.tend_due()
        self.world.now = to
        while await self.world.mail_notices():
            pass

    async def answer(self, name: str, case_id: int, verb: str, **given: Any) -> Answered:
        parts, ids = self.world.parts, self.ids
        role = {"eve": "sales_manager", "dora": "admin", "vic": "viewer"}.get(name, "rep")
        actor = Actor("user", ids[name], name.title(), role)
        answer_id = given.pop("answer_id", None)
        return await answer_as(
            *(parts.store, parts.pokes, actor, case_id, verb, given),
            door="test",
            answer_id=answer_id,
        )

    async def log(self, case_id: int) -> list[tuple[str, str, str | None]]:
        """(when in UTC, what, who) of everything that happened to the case."""
        names = {id_: name for name, id_ in self.ids.items()}
        found = await self.world.rows(
            "SELECT at, kind, user_id FROM escalation_step WHERE case_id = :id ORDER BY id",
            id=case_id,
        )
        return [
            (row[0].astimezone(UTC).strftime("%m-%d %H:%M"), row[1], names.get(row[2]))
            for row in found
        ]

    async def told(self) -> list[tuple[str, str]]:
        """(who, title) of everything people were told, in order."""
        names = {id_: name for name, id_ in self.ids.items()}
        found = await self.world.rows("SELECT user_id, title FROM notice ORDER BY id")
        return [(names[row[0]], row[1]) for row in found]

    async def status(self, case_id: int) -> str:
        [[status]] = await self.world.rows(
            "SELECT status FROM escalation_case WHERE id = :id", id=case_id
        )
        return str(status)
