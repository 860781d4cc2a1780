"""People of ours that flows tell and ask, around a small world."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from crm_store.models import Team, User
from crm_store.session import Store
from engine.services import escalations
from engine.services.actor import Actor
from engine.services.approvals.doors import give_answer, insisted
from engine.services.approvals.reading import list_requests
from engine.services.people import ensure_roles
from engine.services.tending import Answered
from tests.driving.world import CrashingStore, RememberingChannel, World

TRIGGER = """
flow: asking
label: Asking
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
"""


@dataclass
class House:
    """Ben owns the contacts, Eve is his manager, Dora an admin, Fred has left."""

    world: World
    ids: dict[str, int]

    def actor(self, name: str) -> Actor:
        role = "admin" if name == "dora" else "sales_manager" if name == "eve" else "rep"
        return Actor("user", self.ids[name], name.title(), role)

    async def begin(self, source: str, people: int = 1, **values: Any) -> None:
        await self.world.publish(source)
        values.setdefault("owner_id", self.ids["ben"])
        for contact in await self.world.people(people, **values):
            await self.world.event(contact, "Signed Up")
        await self.go_on()

    async def go_on(self) -> None:
        """Drivers and hosts do what is due, and what people were told is mailed."""
        await self.world.until_quiet("asking")
        while await self.world.tend_due():
            await self.world.until_quiet("asking")
        await self.world.mail_notices()

    async def later(self, **span: float) -> None:
        self.world.now += timedelta(**span)
        await self.go_on()

    def told(self) -> list[str]:
        return [message.to for message in self.world.channel.delivered]

    async def outcomes(self) -> list[str | None]:
        return [outcome for _, _, outcome in await self.world.outcomes()]

    async def decide(
        self, name: str, request_id: int, verb: str, answer_id: str | None = None, **given: Any
    ) -> Answered:
        """Raises what a door tells a person whose answer was not taken."""
        pokes, actor = self.world.parts.pokes, self.actor(name)
        answered = await give_answer(
            pokes, actor, request_id, verb, given, door="test", answer_id=answer_id
        )
        return insisted(answered, request_id)

    async def acknowledge(self, name: str, case_id: int) -> None:
        parts, actor = self.world.parts, self.actor(name)
        await escalations.answer_as(
            parts.store, parts.pokes, actor, case_id, "acknowledge", door="test"
        )

    async def requests(self, name: str = "dora", *, mine: bool = False) -> list[Any]:
        async with self.world.work() as work:
            return await list_requests(work, self.actor(name), mine=mine)

    async def cases(self, name: str = "dora", *, mine: bool = False) -> list[Any]:
        async with self.world.store.store.transaction() as session:
            return await escalations.list_cases(session, self.actor(name), mine=mine)


async def furnished(store: Store) -> House:
    """Everybody is there, and the North has people."""
    ids: dict[str, int] = {}
    async with store.transaction() as session:
        await ensure_roles(session)
        team = Team(name="North")
        session.add_all([team, Team(name="South")])
        await session.flush()
        for name, role, active in (
            ("eve", "sales_manager", True),
            ("ben", "rep", True),
            ("dora", "admin", True),
            ("fred", "rep", False),
        ):
            user = User(
                name=name.title(),
                name_key=name,
                email=f"{name}@example.com",
                email_key=f"{name}@example.com",
                role=role,
                active=active,
                team_id=team.id if name != "dora" else None,
                manager_id=ids.get("eve") if name == "ben" else None,
                language="zh" if name == "eve" else "en",
            )
            session.add(user)
            await session.flush()
            ids[name] = user.id
    world = World(CrashingStore(store), RememberingChannel())
    world.parts = replace(world.parts, public_url="https://crm.example.com")
    return House(world, ids)
