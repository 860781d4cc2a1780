"""Role x room and role x whose record it is, through the designer: what the pages of a person hold.

Values are planted in records of others and in hidden fields; no page of somebody who may not see
them has one, whatever else it shows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, get_args

import httpx
from argon2 import PasswordHasher
from nicegui import Client
from sqlalchemy import text

from crm_store.session import Store
from designer.rooms import GROUPS
from engine.services.actor import OWNED, SENSITIVE, SYSTEM, Actor, Kind, may, scope_of
from engine.services.people import ROLES, ensure_roles
from engine.services.roles.keeping import make_role
from tests.designer.conftest import Visit, opened
from tests.designer.seed import PASSWORD, PEOPLE, seed
from tests.roles.world import OWNERS, World, furnish, furnish_pipeline
from tests.roles.world import Kind as RecordKind

EVERY_KIND: Final[tuple[Kind, ...]] = get_args(Kind)
# Everything of which nobody is the owner, and of the rest what the person owns.
OWN_ONLY = [f"read:{kind}:{'own' if kind in OWNED else 'all'}" for kind in EVERY_KIND]
NO_FIELDS = [f"read:{kind}:all" for kind in EVERY_KIND]
MADE: Final = {"own_only": (OWN_ONLY, ()), "no_fields": (NO_FIELDS, SENSITIVE)}
REFUSED, NOT_HERE = "You may not see this", "This is not here"
PLACES: Final[Mapping[RecordKind, str]] = {
    "contact": "/contacts/{id}",
    "account": "/accounts/{id}",
    "deal": "/deals/{id}",
    "ticket": "/tickets/{id}",
}
# Pages that name people of the seeded world, in which nobody of these has anything.
BESIDE: Final = (
    *("/runs/1", "/runs/3", "/messages/1", "/flows/win_back", "/flows/win_back/results"),
    *("/contacts/1", "/contacts/1/why", "/segments/walked", "/send-calendar", "/imports"),
    *("/contacts?q=ada%40example", "/runs?search=ada%40example", "/messages?search=ada%40example"),
)
IN_FIELDS: Final = ("@example.test", ".of.", "6591234567", "Ghent", "1990-04", "Apr 1, 1990")
# Rooms that name people and what they did; of the others it is enough to know who gets in.
NAMING: Final = frozenset(
    {"contact", "account", "deal", "ticket", "run", "message", "segment", "notice"}
)


async def planted(store: Store) -> dict[str, World]:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await seed(store, password_hash=cheap)
    await furnish_pipeline(store)
    async with store.transaction() as session:
        await ensure_roles(session)
        for label, (allow, hidden) in MADE.items():
            await make_role(session, SYSTEM, label=label, allow=allow, hidden=hidden)
    worlds = {role: await furnish(store, role) for role in (*ROLES, *MADE)}
    async with store.transaction() as session:
        await session.execute(
            text(
                """UPDATE "user" SET password_hash = :hash WHERE email LIKE '%.self@example.com'"""
            ),
            {"hash": cheap},
        )
        await session.execute(
            text(
                "INSERT INTO segment (name, label, kind, state, counted_at)"
                " VALUES ('walked', 'Walked', 'static', 'active', now())"
            )
        )
        await session.execute(
            text(
                "INSERT INTO segment_member (segment_id, contact_id, entered_at)"
                " SELECT s.id, c.id, now() FROM segment s, contact c WHERE s.name = 'walked'"
            )
        )
    return worlds


def rooms() -> Iterator[tuple[str, Kind | None]]:
    for group in GROUPS:
        for room in group.rooms:
            yield room.address, room.reads


def foreign(worlds: dict[str, World], role: str) -> Sequence[str]:
    """Names of records that whoever sees their own alone must not meet."""
    of_others = [one for one in worlds if one != role]
    names = [f"{one} of self" for one in of_others]
    names += [f"{one} of {owner}" for one in worlds for owner in OWNERS if owner != "self"]
    names += [last for first, last, *_ in PEOPLE if last.isalpha()]
    return [*names, "@example.test"]


async def test_pages_hold_nothing_that_their_reader_may_not_see(store: Store) -> None:
    worlds = await planted(store)
    async with opened(store) as visit:
        for role, world in worlds.items():
            async with signed_in(visit, role) as http:
                actor = world.actors[role]
                await _rooms(http, actor, unseen(worlds, actor))
                await _records(http, world, actor)
            Client.instances.clear()


@asynccontextmanager
async def signed_in(visit: Visit, role: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=visit.http._transport,
        base_url="http://test",
        headers={"accept": "text/html", "accept-language": "en"},
    ) as http:
        given = {"email": f"{role}.self@example.com", "password": PASSWORD, "next": "/"}
        assert (await http.post("/sign-in", data=given)).status_code == 303
        yield http


def unseen(worlds: dict[str, World], actor: Actor) -> Sequence[str]:
    role = str(actor.role)
    fields: tuple[str, ...] = IN_FIELDS if role == "no_fields" else ()
    if role == "viewer":
        fields = IN_FIELDS[2:]
    return [*fields, *(foreign(worlds, role) if role == "own_only" else ())]


async def _rooms(http: httpx.AsyncClient, actor: Actor, hidden: Sequence[str]) -> None:
    """All rooms of who sees their own alone; of others those that are shut to them, and where
    fields are hidden those that would show them."""
    for address, reads in rooms():
        refused = reads is not None and not may(actor, "read", reads)
        if refused or actor.role == "own_only" or (hidden and reads in NAMING):
            shown = await _page(http, address, hidden)
            narrow = reads is not None and scope_of(actor, "read", reads) in ("own", "team")
            # a list that is made of addresses alone
            refused = refused or (address == "/suppression" and "contact.email" in hidden_of(actor))
            assert narrow or (REFUSED in shown) is refused, (actor.role, address)
    if actor.role in MADE:
        for address in BESIDE:
            await _page(http, address, hidden)


def hidden_of(actor: Actor) -> frozenset[str]:
    return frozenset() if actor.grants is None else actor.grants.hidden


async def _page(http: httpx.AsyncClient, address: str, hidden: Sequence[str]) -> str:
    answer = await http.get(address)
    assert answer.status_code in (200, 404), (address, answer.status_code)
    # what was asked for stands in the address of the page and in its search field
    told = [one for one in hidden if one in answer.text.replace("ada@example", "")]
    assert not told, (address, told)
    return answer.text


async def _records(http: httpx.AsyncClient, world: World, actor: Actor) -> None:
    """One's own, a colleague's, a stranger's and nobody's of each kind; for those who see all of
    them a stranger's is enough."""
    for kind, place in PLACES.items():
        scope = scope_of(actor, "read", kind)
        seen = world.seen(kind, scope)
        for owner in OWNERS if scope == "own" else ("stranger",):
            id_ = world.ids[kind][owner]
            shown = await _page(http, place.format(id=id_), ())
            about = (actor.role, kind, owner)
            assert (f"{actor.role} of {owner}" in shown) is (id_ in seen), about
            assert (NOT_HERE in shown or REFUSED in shown) is (id_ not in seen), about
