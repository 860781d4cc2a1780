"""From a user to the actor who acts: with what the role allows now, and whose team is meant."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import roles as rows
from crm_store.models import User
from crm_store.people import user_by_id
from engine.errors import Problem, Refused
from engine.services.actor import SHIPPED, Actor, Grants, Permission
from engine.services.roles.spelling import stored_grants

NOTHING = Grants(frozenset())


async def grants_of(session: AsyncSession, role: str) -> Grants:
    """What a role allows; a role that is not there allows nothing."""
    if role in SHIPPED:
        return SHIPPED[role]
    found = await rows.role_named(session, role)
    return NOTHING if found is None else stored_grants(found.permissions)


async def actor_of(
    session: AsyncSession,
    user: User,
    *,
    name: str | None = None,
    scopes: frozenset[Permission] | None = None,
) -> Actor:
    """`scopes` are those of a key through which somebody acts for the user."""
    grants = await grants_of(session, user.role)
    meant = any(scope == "team" for _, _, scope in grants.narrow)
    team = await rows.team_of(session, user.id) if meant else frozenset[int]()
    return Actor("user", user.id, name or user.name, user.role, scopes, grants, team)


async def actor_numbered(session: AsyncSession, user_id: int) -> Actor | None:
    """None for somebody who is not there or was deactivated."""
    user = await user_by_id(session, user_id)
    return await actor_of(session, user) if user is not None and user.active else None


async def known_role(session: AsyncSession, role: str) -> bool:
    return role in SHIPPED or await rows.role_named(session, role) is not None


async def refuse_more_than_own(session: AsyncSession, actor: Actor, role: str, said: str) -> None:
    """Raise Refused when a role allows more than the actor may: nobody gives what they have not,
    and nobody takes over who may do more."""
    if actor.kind == "system":
        return
    own = actor.grants or await grants_of(session, actor.role or "")
    beyond = (await grants_of(session, role)).beyond(own)
    if beyond:
        shown = ", ".join(beyond[:5]) + (" and more" if len(beyond) > 5 else "")
        problem = Problem("/role", "beyond_own", f"the role {role} allows more: {shown}")
        raise Refused(said, [problem])
