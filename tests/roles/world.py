"""One record of each kind for each owner: somebody, a colleague of theirs, a stranger, nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.people import user_by_id
from crm_store.session import Store
from engine.services.actor import SYSTEM, Actor, Scope
from engine.services.people import ROLES, ensure_roles
from engine.services.roles.acting import actor_of
from engine.services.roles.keeping import make_role

Owner = Literal["self", "colleague", "stranger", "nobody"]
Kind = Literal["contact", "account", "deal", "ticket", "activity"]
OWNERS: Final[tuple[Owner, ...]] = ("self", "colleague", "stranger", "nobody")
KINDS: Final[tuple[Kind, ...]] = ("contact", "account", "deal", "ticket", "activity")
SEEN: Final[Mapping[Scope | None, frozenset[Owner]]] = {
    None: frozenset(),
    "own": frozenset({"self"}),
    "team": frozenset({"self", "colleague", "nobody"}),
    "all": frozenset(OWNERS),
}
# What the roles that are made here may do to records, beside looking up what everybody may.
MADE: Final[Mapping[str, tuple[list[str], list[str]]]] = {
    "keeps_to_own": (
        [f"{verb}:{kind}:own" for verb in ("read", "edit") for kind in KINDS]
        + ["create:activity:all", "read:pipeline:all", "read:team:all"],
        [],
    ),
    "sees_team": (
        [f"read:{kind}:team" for kind in KINDS]
        + [f"edit:{kind}:own" for kind in KINDS]
        + ["read:pipeline:all", "read:team:all"],
        ["contact.phone"],
    ),
    "edits_team": (
        [f"read:{kind}:all" for kind in KINDS]
        + [f"edit:{kind}:team" for kind in KINDS]
        + ["read:pipeline:all", "read:team:all"],
        ["contact.email", "contact.birthday"],
    ),
    "may_nothing": (["read:team:all"], []),
}


@dataclass
class World:
    """`actors` by role; `ids` of records by kind and owner, as each role sees the owners."""

    actors: dict[str, Actor] = field(default_factory=dict)
    ids: dict[Kind, dict[Owner, int]] = field(default_factory=dict)

    def seen(self, kind: Kind, scope: Scope | None) -> set[int]:
        return {self.ids[kind][owner] for owner in SEEN[scope]}


async def furnish(store: Store, role: str) -> World:
    """A world in which `role` is that of the one who acts."""
    async with store.transaction() as session:
        return await _furnished(session, role)


async def furnish_roles(store: Store) -> None:
    async with store.transaction() as session:
        await ensure_roles(session)
        for label, (allow, hidden) in MADE.items():
            await make_role(session, SYSTEM, label=label, allow=allow, hidden=hidden)


async def _furnished(session: AsyncSession, role: str) -> World:
    world = World()
    people: dict[Owner, int | None] = {"nobody": None}
    team = await _one(session, "INSERT INTO team (name) VALUES (:name) RETURNING id", name=role)
    for owner in ("self", "colleague", "stranger"):
        people[owner] = await _one(
            session,
            'INSERT INTO "user" (name, name_key, email, email_key, role, team_id)'
            " VALUES (:n, :n, :mail, :mail, :role, :team) RETURNING id",
            n=f"{role} {owner}",
            mail=f"{role}.{owner}@example.com",
            role=role if owner == "self" else "rep",
            team=None if owner == "stranger" else team,
        )
    for owner, owner_id in people.items():
        for kind, id_ in (await _records(session, f"{role} of {owner}", owner_id)).items():
            world.ids.setdefault(kind, {})[owner] = id_
    user = await user_by_id(session, people["self"] or 0)
    assert user is not None
    world.actors[role] = await actor_of(session, user)
    return world


async def furnish_pipeline(store: Store) -> None:
    async with store.transaction() as session:
        pipeline = await _one(
            session, "INSERT INTO pipeline (key, label) VALUES ('new', 'New') RETURNING id"
        )
        await session.execute(
            text(
                "INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent,"
                " forecast_category) VALUES (:p, 'talk', 'Talk', 'open', 1, 20, 'pipeline'),"
                " (:p, 'offer', 'Offer', 'open', 2, 50, 'pipeline')"
            ),
            {"p": pipeline},
        )


async def _records(session: AsyncSession, name: str, owner_id: int | None) -> dict[Kind, int]:
    key = name.replace(" ", ".")
    contact = await _one(
        session,
        "INSERT INTO contact (first_name, last_name, name_key, email, email_key, phone, birthday,"
        " city, owner_id) VALUES ('Con', :n, :n, :mail, :mail, '+6591234567', '1990-04-01',"
        " 'Ghent', :o) RETURNING id",
        n=name,
        mail=f"con.{key}@example.com",
        o=owner_id,
    )
    account = await _one(
        session,
        "INSERT INTO account (name, name_key, owner_id) VALUES (:n, :n, :o) RETURNING id",
        n=f"Acc {name}",
        o=owner_id,
    )
    deal = await _one(
        session,
        "INSERT INTO deal (name, contact_id, owner_id, pipeline_id, stage_id, stage_entered_at,"
        " forecast_category, opened_at) SELECT :n, :c, :o, p.id, s.id, now(), 'pipeline', now()"
        " FROM pipeline p JOIN stage s ON s.pipeline_id = p.id AND s.key = 'talk' RETURNING id",
        n=f"Deal {name}",
        c=contact,
        o=owner_id,
    )
    ticket = await _one(
        session,
        "INSERT INTO ticket (subject, status, priority, owner_id, contact_id, opened_at, source)"
        " VALUES (:n, 'open', 'normal', :o, :c, now(), 'api') RETURNING id",
        n=f"Ticket {name}",
        o=owner_id,
        c=contact,
    )
    activity = await _one(
        session,
        "INSERT INTO activity (kind, subject, deal_id, owner_id, created_at)"
        " VALUES ('task', :n, :d, :o, now()) RETURNING id",
        n=f"Task {name}",
        d=deal,
        o=owner_id,
    )
    return {
        "contact": contact,
        "account": account,
        "deal": deal,
        "ticket": ticket,
        "activity": activity,
    }


async def _one(session: AsyncSession, statement: str, **values: object) -> int:
    return int((await session.execute(text(statement), values)).scalar_one())


ALL_ROLES: Final = (*ROLES, *MADE)
