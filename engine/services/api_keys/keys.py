"""Making, listing, rotating and revoking API keys. A key is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import api_keys as rows
from crm_store import people
from crm_store.models import ApiKey
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.api_keys.scopes import read_scopes
from engine.services.api_keys.spelling import fresh, hash_of, prefix_in, shown
from engine.services.audit import record
from engine.services.roles.acting import grants_of, refuse_more_than_own

USUAL_LIFE: Final = timedelta(days=365)
USUAL_OVERLAP: Final = timedelta(days=1)
LONGEST_OVERLAP: Final = timedelta(days=30)
LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """`key` is the whole key with its secret, shown this once."""

    prefix: str
    key: str
    scopes: tuple[str, ...]
    expires_at: datetime | None

    def __repr__(self) -> str:
        return f"NewApiKey({self.prefix})"


@dataclass(frozen=True, slots=True)
class KnownApiKey:
    """`prefix` is the beginning of the key; after a rotation the secret before is accepted until
    `previous_until`, and `previous_used_at` says whether somebody still needs it.
    """

    prefix: str
    name: str
    user: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None
    previous_used_at: datetime | None
    user_id: int = 0
    service_account: bool = False


async def create_api_key(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    for_user: str,
    scopes: Sequence[str],
    now: datetime,
    lasts: timedelta | None = USUAL_LIFE,
) -> NewApiKey:
    """A key that acts for the user of this e-mail address; None lets it last until it is revoked.

    Raises Refused with everything that is wrong, and NotFound for an unknown user.
    """
    allowed(actor, "manage", "api_key")
    user = await people.user_by_email(session, for_user)
    if user is None or not user.active:
        raise NotFound(f"There is no active user {for_user}. `cadenza user list` shows all.")
    await refuse_more_than_own(session, actor, user.role, "The key was not made.")
    kept = read_scopes(scopes, (await grants_of(session, user.role)).allow, user.role)
    _refuse_wrong(name, lasts)
    made = fresh()
    expires_at = None if lasts is None else now + lasts
    key_id = await rows.add_api_key(
        session,
        {
            "prefix": made.prefix,
            "name": name.strip(),
            "user_id": user.id,
            "scopes": kept,
            "secret_hash": hash_of(made.secret),
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    after = {"prefix": made.prefix, "name": name.strip(), "user_id": user.id, "scopes": kept}
    await record(session, actor, "create", "api_key", key_id, after=after)
    return NewApiKey(shown(made.prefix), made.whole(), tuple(kept), expires_at)


async def rotate_api_key(
    session: AsyncSession,
    actor: Actor,
    prefix: str,
    now: datetime,
    *,
    overlap: timedelta = USUAL_OVERLAP,
) -> NewApiKey:
    """A new secret for a key; the present one is accepted for `overlap` more.

    A secret from before the present one, when a rotation is under way, ends at once.
    """
    allowed(actor, "manage", "api_key")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problem = Problem("/overlap", "out_of_range", "choose between nothing and 30 days")
        raise Refused("The key was not rotated.", [problem])
    key = await _key(session, prefix)
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise Conflict(f"The key {shown(key.prefix)} has ended. Make a new one.")
    user = await people.user_by_id(session, key.user_id)
    # whoever rotates a key holds it afterwards
    await refuse_more_than_own(session, actor, user.role if user else "", "It was not rotated.")
    made = fresh(key.prefix)
    values = {
        "secret_hash": hash_of(made.secret),
        "previous_hash": key.secret_hash,
        "previous_until": now + overlap,
        "previous_used_at": None,
        "rotated_at": now,
    }
    await rows.change_api_key(session, key.id, values)
    until = {"previous_until": (now + overlap).isoformat()}
    await record(session, actor, "rotate", "api_key", key.id, after=until)
    return NewApiKey(shown(key.prefix), made.whole(), tuple(key.scopes), key.expires_at)


async def revoke_api_key(session: AsyncSession, actor: Actor, prefix: str, now: datetime) -> None:
    """Refused from now on, elsewhere within seconds. Twice changes nothing."""
    allowed(actor, "manage", "api_key")
    key = await _key(session, prefix)
    if key.revoked_at is None:
        await rows.change_api_key(session, key.id, {"revoked_at": now})
        await record(session, actor, "revoke", "api_key", key.id, after={"prefix": key.prefix})


async def list_api_keys(session: AsyncSession, actor: Actor) -> list[KnownApiKey]:
    allowed(actor, "read", "api_key")
    return [
        KnownApiKey(
            shown(key.prefix),
            key.name,
            user.email or user.name,
            tuple(key.scopes),
            key.created_at,
            key.expires_at,
            key.revoked_at,
            key.last_used_at,
            key.previous_until,
            key.previous_used_at,
            user.id,
            user.service_account,
        )
        for key, user in await rows.api_keys(session)
    ]


async def _key(session: AsyncSession, text: str) -> ApiKey:
    """The key somebody means; the message never repeats what may be a whole key."""
    key = await rows.api_key_for_change(session, prefix_in(text))
    if key is None:
        raise NotFound("There is no such API key. `cadenza key list` shows how each begins.")
    return key


def _refuse_wrong(name: str, lasts: timedelta | None) -> None:
    problems = []
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"write a name of at most {LONGEST_NAME} characters"
        problems.append(Problem("/name", "bad_name", message))
    if lasts is not None and lasts <= timedelta(0):
        problems.append(Problem("/expires", "out_of_range", "let the key last longer than nothing"))
    if problems:
        raise Refused("The key was not made.", problems)
