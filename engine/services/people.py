"""The people who work with Cadenza: making users, their roles, their passwords."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import people as rows
from crm_store.base import folded
from crm_store.models import User
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import SHIPPED, SYSTEM, Actor, allowed
from engine.services.audit import record
from engine.services.looking_again import people_changed
from engine.services.passwords import hashed
from engine.services.roles.acting import known_role, refuse_more_than_own
from engine.services.roles.spelling import document_of

FIRST_ADMIN_EMAIL: Final = "admin@cadenza.test"
LANGUAGES: Final = ("en", "zh")

ROLES: Final = {
    "admin": "Admin",
    "marketer": "Marketer",
    "sales_manager": "Sales manager",
    "rep": "Sales rep",
    "service": "Service agent",
    "viewer": "Viewer",
}

# Something, an at sign, something with a dot: deliverability shows when mail is sent.
_ADDRESS = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)+")


class FirstAdmin(NamedTuple):
    """Shown once, at the first start; only the password's hash is kept."""

    email: str
    one_time_password: str


@dataclass(frozen=True, slots=True)
class NewUser:
    """`one_time_password` is shown once to whoever made the user, who passes it on."""

    id: int
    email: str
    one_time_password: str


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    email: str | None
    name: str
    role: str
    language: str
    active: bool
    must_change_password: bool
    service_account: bool = False
    has_second_factor: bool = False
    can_sign_in: bool = True


async def ensure_roles(session: AsyncSession) -> None:
    """Write the roles this release knows; doing it again changes nothing."""
    await rows.put_roles(
        session,
        [
            {
                "key": key,
                "label": label,
                "permissions": document_of(SHIPPED[key]),
                "shipped": True,
            }
            for key, label in ROLES.items()
        ],
    )


async def ensure_first_admin(session: AsyncSession) -> FirstAdmin | None:
    """Make the first admin when no admin can sign in; None when one can.

    Safe to call by several processes at once: one of them makes the user, the others get None.
    """
    await rows.one_admin_maker_at_a_time(session)
    await ensure_roles(session)
    if await rows.an_admin_can_sign_in(session):
        return None
    existing = await rows.user_by_email(session, FIRST_ADMIN_EMAIL)
    if existing is not None:
        password = await _give_one_time_password(session, existing)
        await rows.change_user(session, existing.id, {"active": True, "role": "admin"})
        await record(session, SYSTEM, "restore", "user", existing.id, why="no admin could sign in")
        return FirstAdmin(FIRST_ADMIN_EMAIL, password)
    made = await create_user(session, SYSTEM, email=FIRST_ADMIN_EMAIL, name="Admin", role="admin")
    return FirstAdmin(made.email, made.one_time_password)


async def create_user(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    language: str = "en",
) -> NewUser:
    """A user with a password for the first sign-in only. Raises Refused and Conflict."""
    password = new_one_time_password()
    values = {"password_hash": await hashed(password), "password_is_one_time": True}
    user_id = await add_user(
        session, actor, email=email, name=name, role=role, language=language, values=values
    )
    return NewUser(user_id, email.strip(), password)


async def add_user(
    session: AsyncSession,
    actor: Actor,
    *,
    email: str,
    name: str,
    role: str,
    language: str,
    values: Mapping[str, Any],
) -> int:
    """A user who comes in by what the `values` say. Raises Refused and Conflict."""
    allowed(actor, "manage", "user")
    email, name = email.strip(), name.strip()
    problems = _problems(email, name, language, has_role=await known_role(session, role))
    if problems:
        raise Refused("The user was not made.", problems)
    await refuse_more_than_own(session, actor, role, "The user was not made.")
    if await rows.user_by_email(session, email) is not None:
        raise Conflict(f"{email} is a user already. Give them a new password instead.")
    names = {"email": email, "email_key": folded(email), "name": name, "name_key": folded(name)}
    user_id = await rows.add_user(session, {**names, "role": role, "language": language, **values})
    after = {"email": email, "name": name, "role": role}
    if values.get("service_account"):
        after["service_account"] = "yes"
    await record(session, actor, "create", "user", user_id, after=after)
    return user_id


async def reset_password(session: AsyncSession, actor: Actor, user_id: int) -> str:
    """A new password for one sign-in; every session of theirs ends."""
    allowed(actor, "manage", "user")
    user = await _user(session, user_id)
    said = f"{user.name} got no new password."
    await refuse_more_than_own(session, actor, user.role, said)
    _refuse_service_account(user)
    password = await _give_one_time_password(session, user)
    await record(session, actor, "reset_password", "user", user_id)
    return password


async def deactivate_user(
    session: AsyncSession, actor: Actor, user_id: int, now: datetime | None = None
) -> None:
    """Nobody signs in as them any more; what they own stays theirs until somebody hands it over.
    Whatever waits for people is looked at again: `pokes.clocks` after the commit. Twice changes
    nothing."""
    allowed(actor, "manage", "user")
    admins = await rows.active_admins(session)
    user = await _user(session, user_id)
    if not user.active:
        return
    said = f"{user.name} was not deactivated."
    await refuse_more_than_own(session, actor, user.role, said)
    if user.role == "admin" and user.password_hash is not None and admins == 1:
        raise Conflict(f"{user.name} is the last admin. Make another admin first.")
    await rows.change_credentials(session, user_id, {"active": False})
    await record(
        session,
        actor,
        "deactivate",
        "user",
        user_id,
        before={"active": True},
        after={"active": False},
    )
    await people_changed(session, now, [user_id])


async def reactivate_user(
    session: AsyncSession, actor: Actor, user_id: int, now: datetime | None = None
) -> None:
    """They sign in again with a new password or by an invitation: the one of before opens nothing.
    Twice changes nothing."""
    allowed(actor, "manage", "user")
    user = await _user(session, user_id)
    if user.active:
        return
    said = f"{user.name} was not let in again."
    await refuse_more_than_own(session, actor, user.role, said)
    await rows.change_credentials(session, user_id, {"active": True, "password_hash": None})
    before, after = {"active": False}, {"active": True}
    await record(session, actor, "reactivate", "user", user_id, before=before, after=after)
    await people_changed(session, now, [user_id])


async def set_role(
    session: AsyncSession,
    actor: Actor,
    user_id: int,
    role: str,
    now: datetime | None = None,
) -> None:
    """Another role; every sign-in of theirs ends. `pokes.clocks` after the commit. Raises NotFound,
    Refused for a role that allows more than the actor may, and Conflict for the last admin."""
    allowed(actor, "manage", "user")
    admins = await rows.active_admins(session)
    user = await _user(session, user_id)
    if user.role == role:
        return
    said = f"{user.name} has the role of before."
    if not await known_role(session, role):
        raise Refused(said, [Problem("/role", "unknown", "there is no such role")])
    for one in (role, user.role):
        await refuse_more_than_own(session, actor, one, said)
    if user.role == "admin" and user.active and user.password_hash is not None and admins == 1:
        raise Conflict(f"{user.name} is the last admin. Make another admin first.")
    if user.service_account and role == "admin":
        raise Refused(said, [Problem("/role", "beyond_own", "a program is never an admin")])
    before, after = {"role": user.role}, {"role": role}
    await rows.change_credentials(session, user_id, {"role": role})
    await record(session, actor, "edit", "user", user_id, before=before, after=after)
    await people_changed(session, now, [user_id])


async def set_language(session: AsyncSession, actor: Actor, language: str) -> None:
    """The language Cadenza speaks with this person; their own choice."""
    if actor.kind != "user" or actor.id is None:
        raise Refused("Only a person has a language.")
    if language not in LANGUAGES:
        raise Refused(
            "The language was not changed.",
            [Problem("/language", "unknown", f"choose one of {', '.join(LANGUAGES)}")],
        )
    await rows.change_user(session, actor.id, {"language": language})


async def list_users(session: AsyncSession, actor: Actor) -> list[Person]:
    allowed(actor, "read", "user")
    return [_person(user) for user in await rows.users_by_name(session)]


async def show_user(session: AsyncSession, actor: Actor, user_id: int) -> Person:
    """Raises NotFound."""
    allowed(actor, "read", "user")
    return _person(await _user(session, user_id))


async def find_user(session: AsyncSession, actor: Actor, email: str) -> Person:
    allowed(actor, "read", "user")
    user = await rows.user_by_email(session, email)
    if user is None:
        raise NotFound(f"There is no user {email}.")
    return _person(user)


def new_one_time_password() -> str:
    """72 random bits in the alphabet of web addresses."""
    return secrets.token_urlsafe(9)


async def _give_one_time_password(session: AsyncSession, user: User) -> str:
    password = new_one_time_password()
    values = {"password_hash": await hashed(password), "password_is_one_time": True}
    await rows.change_credentials(session, user.id, values)
    return password


def _refuse_service_account(user: User) -> None:
    if user.service_account:
        raise Conflict(f"Nobody signs in as {user.name}: programs use its keys.")


async def _user(session: AsyncSession, user_id: int) -> User:
    user = await rows.user_by_id(session, user_id)
    if user is None:
        raise NotFound(f"There is no user {user_id}.")
    return user


def _person(user: User) -> Person:
    return Person(
        user.id,
        user.email,
        user.name,
        user.role,
        user.language,
        user.active,
        user.password_is_one_time,
        user.service_account,
        user.totp_sealed is not None,
        user.password_hash is not None or user.single_sign_on_name is not None,
    )


def _problems(email: str, name: str, language: str, *, has_role: bool) -> list[Problem]:
    found = []
    if not _ADDRESS.fullmatch(email):
        found.append(Problem("/email", "bad_address", f'"{email}" is not an e-mail address'))
    if not name or len(name) > 200:
        found.append(Problem("/name", "bad_name", "write a name of at most 200 characters"))
    if not has_role:
        words = f"choose one of {', '.join(ROLES)}, or one that was made here"
        found.append(Problem("/role", "unknown", words))
    if language not in LANGUAGES:
        found.append(Problem("/language", "unknown", f"choose one of {', '.join(LANGUAGES)}"))
    return found
