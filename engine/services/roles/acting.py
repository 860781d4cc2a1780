"""From a user to the actor who acts: with what the role allows now, and whose team is meant.

The one place that makes an actor of somebody who is stored, whatever the door: a role that an admin
made means nothing without what is kept of it. A test finds whoever makes one elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import roles as rows
from crm_store.people import user_by_id
from engine.errors import Problem, Refused
from engine.services.actor import SHIPPED, Actor, Grants, Permission
from engine.services.roles.spelling import stored_grants

NOTHING = Grants(frozenset())


class Known(Protocol):
    """A row of the users, or a person of the directory."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...


async def grants_of(session: AsyncSession, role: str) -> Grants:
    """What a role allows; a role that is not there allows nothing."""
    if role in SHIPPED:
        return SHIPPED[role]
    found = await rows.role_named(session, role)
    return NOTHING if found is None else stored_grants(found.permissions)


async def actor_of(
    session: AsyncSession,
    user: Known,
    *,
    name: str | None = None,
    scopes: frozenset[Permission] | None = None,
) -> Actor:
    """`scopes` are those of a key through which somebody acts for the user."""
    grants = await grants_of(session, user.role)
    return await _acting(session, user, grants, name or user.name, scopes)


async def actors_of(session: AsyncSession, users: Iterable[Known]) -> dict[int, Actor]:
    """The same for several at once, by user; each role is read once."""
    people = {one.id: one for one in users}
    roles = {one.role for one in people.values()}
    grants = {role: await grants_of(session, role) for role in roles}
    return {
        id_: await _acting(session, one, grants[one.role], one.name) for id_, one in people.items()
    }


def nobody(user_id: int) -> Actor:
    """Somebody who is not there any more: they may do nothing."""
    return Actor("user", user_id, "?", None, grants=NOTHING)


async def actor_numbered(session: AsyncSession, user_id: int) -> Actor | None:
    """None for somebody who is not there or was deactivated."""
    user = await user_by_id(session, user_id)
    return await actor_of(session, user) if user is not None and user.active else None


async def _acting(
    session: AsyncSession,
    user: Known,
    grants: Grants,
    name: str,
    scopes: frozenset[Permission] | None = None,
) -> Actor:
    meant = any(scope == "team" for _, _, scope in grants.narrow)
    team = await rows.team_of(session, user.id) if meant else frozenset[int]()
    return Actor("user", user.id, name, user.role, scopes, grants, team)


async def known_role(session: AsyncSession, role: str) -> bool:
    return role in SHIPPED or await rows.role_named(session, role) is not None


async def own_grants(session: AsyncSession, actor: Actor) -> Grants:
    """What an actor may do and so may give: of a key no more than its scopes leave of the role."""
    grants = actor.grants or await grants_of(session, actor.role or "")
    return grants.within(actor.scopes)


async def refuse_more_than_own(session: AsyncSession, actor: Actor, role: str, said: str) -> None:
    """Raise Refused when a role allows more than the actor may: nobody gives what they have not,
    and nobody takes over who may do more."""
    if actor.kind == "system":
        return
    beyond = (await grants_of(session, role)).beyond(await own_grants(session, actor))
    if beyond:
        shown = ", ".join(beyond[:5]) + (" and more" if len(beyond) > 5 else "")
        problem = Problem("/role", "beyond_own", f"the role {role} allows more: {shown}")
        raise Refused(said, [problem])


async def refuse_wider_sight(session: AsyncSession, actor: Actor, said: str) -> None:
    """Raise Refused when what this transaction changed shows the actor more people's records: whose
    records are their team's, they do not choose themselves. To be asked after the change."""
    if actor.kind != "user" or actor.id is None or actor.grants is None:
        return
    if not any(scope == "team" for _, _, scope in actor.grants.narrow):
        return
    more = await rows.team_of(session, actor.id) - actor.team - {actor.id}
    if more:
        words = "you would see more people's records; ask somebody who sees all of them"
        raise Refused(said, [Problem("/team", "beyond_own", words)])
