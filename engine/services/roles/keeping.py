"""The roles there are, and those that admins make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import roles as rows
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import SHIPPED, Actor, Grants, allowed
from engine.services.audit import record
from engine.services.roles.acting import own_grants
from engine.services.roles.spelling import document_of, read_grants, stored_grants
from engine.services.segment_door import ChangedMeanwhile

LONGEST_LABEL: Final = 60
LONGEST_DESCRIPTION: Final = 500
MOST_ROLES: Final = 100


@dataclass(frozen=True, slots=True)
class KnownRole:
    """`shipped` roles come with the release and are copied instead of changed. `revision` says what
    was read, for changing it. `people` have it now."""

    key: str
    label: str
    description: str
    shipped: bool
    grants: Grants
    people: int
    revision: int


async def list_roles(session: AsyncSession, actor: Actor) -> list[KnownRole]:
    """Everybody may know what each role may do."""
    allowed(actor, "read", "team")
    counts = await rows.role_counts(session)
    return [
        KnownRole(
            one.key,
            one.label,
            one.description or "",
            one.key in SHIPPED,
            SHIPPED.get(one.key) or stored_grants(one.permissions),
            counts.get(one.key, 0),
            one.revision,
        )
        for one in await rows.all_roles(session)
    ]


async def show_role(session: AsyncSession, actor: Actor, key: str) -> KnownRole:
    """Raises NotFound."""
    for one in await list_roles(session, actor):
        if one.key == key:
            return one
    raise NotFound(f'There is no role "{key[:60]}".')


async def make_role(
    session: AsyncSession,
    actor: Actor,
    *,
    label: str,
    description: str = "",
    allow: Sequence[str],
    hidden: Sequence[str],
) -> str:
    """Its key. Raises Refused for what is wrong and for what allows more than the actor may."""
    allowed(actor, "manage", "user")
    label, description = _checked(label, description)
    grants = read_grants(allow, hidden)
    await _refuse_more(session, actor, grants)
    known = await rows.all_roles(session)
    if len(known) >= MOST_ROLES:
        raise Conflict(f"There are {MOST_ROLES} roles already. Remove one that nobody has.")
    if any(one.label.casefold() == label.casefold() for one in known):
        raise Conflict(f'There is a role called "{label}" already. Give it another name.')
    key = _key(label, {one.key for one in known})
    document = document_of(grants)
    values = {"label": label, "description": description, "permissions": document}
    await rows.add_role(session, {"key": key, **values})
    await record(session, actor, "create", "role", key, after=values)
    return key


async def change_role(
    session: AsyncSession,
    actor: Actor,
    key: str,
    *,
    revision: int | None,
    label: str,
    description: str = "",
    allow: Sequence[str],
    hidden: Sequence[str],
) -> None:
    """Those who have it may do what it says within seconds, wherever they are signed in. `revision`
    None takes whatever is there. Raises NotFound, Refused, and ChangedMeanwhile when somebody else
    changed it."""
    allowed(actor, "manage", "user")
    label, description = _checked(label, description)
    grants = read_grants(allow, hidden)
    role = await rows.hold_role(session, key)
    if role is None:
        raise NotFound(f'There is no role "{key[:60]}".')
    _refuse_shipped(key)
    if revision is not None and role.revision != revision:
        words = "Somebody changed this role meanwhile. Read it again, then change it."
        raise ChangedMeanwhile(words)
    # one's own role is checked by what it was: nobody widens it
    await _refuse_more(session, actor, grants)
    await _refuse_more(session, actor, stored_grants(role.permissions))
    before = {"label": role.label, "permissions": dict(role.permissions)}
    values = {"label": label, "description": description, "permissions": document_of(grants)}
    await rows.change_role(session, key, values)
    await record(session, actor, "edit", "role", key, before=before, after=values)


async def remove_role(session: AsyncSession, actor: Actor, key: str) -> None:
    """Raises NotFound, and Conflict while somebody has it."""
    allowed(actor, "manage", "user")
    role = await rows.hold_role(session, key)
    if role is None:
        raise NotFound(f'There is no role "{key[:60]}".')
    _refuse_shipped(key)
    if await rows.anybody_has(session, key):
        raise Conflict(f'Somebody has the role "{role.label}". Give them another one first.')
    await rows.delete_role(session, key)
    await record(session, actor, "delete", "role", key, before={"label": role.label})


async def _refuse_more(session: AsyncSession, actor: Actor, grants: Grants) -> None:
    if actor.kind == "system":
        return
    beyond = grants.beyond(await own_grants(session, actor))
    if beyond:
        problems = [
            Problem("/allow", "beyond_own", f"{one} is more than you may do yourself")
            for one in beyond[:20]
        ]
        raise Refused("The role was not kept.", problems)


def _refuse_shipped(key: str) -> None:
    if key in SHIPPED:
        raise Conflict("This role comes with Cadenza and stays as it is. Copy it, and change that.")


def _checked(label: str, description: str) -> tuple[str, str]:
    label, description = " ".join(label.split()), description.strip()
    problems = []
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        words = f"write a name of at most {LONGEST_LABEL} characters"
        problems.append(Problem("/label", "bad_name", words))
    if len(description) > LONGEST_DESCRIPTION or "\0" in description:
        words = f"at most {LONGEST_DESCRIPTION} characters"
        problems.append(Problem("/description", "too_long", words))
    if problems:
        raise Refused("The role was not kept.", problems)
    return label, description


def _key(label: str, taken: set[str]) -> str:
    """Letters, digits and `_`; never that of another role."""
    stem = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:40] or "role"
    key, number = stem, 2
    while key in taken or key in SHIPPED:
        key, number = f"{stem}_{number}", number + 1
    return key
