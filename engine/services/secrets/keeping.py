"""Secrets by name: set, listed, removed, and opened where a call needs them."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import secrets as rows
from engine.errors import NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.secrets.sealing import SecretBox, Unreadable

LONGEST: Final = 4_000
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
# What Standard Webhooks recommends: 24 to 64 bytes.
_SIGNING_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class KnownSecret:
    name: str
    changed_at: datetime
    changed_by: str


def new_signing_secret() -> str:
    """As Standard Webhooks writes them: `whsec_` and 32 random bytes in base64."""
    return f"whsec_{b64encode(os.urandom(_SIGNING_BYTES)).decode()}"


async def set_secret(
    session: AsyncSession, actor: Actor, box: SecretBox, name: str, secret: str, now: datetime
) -> None:
    """Keep a secret under a name; calls made from now on use it. Raises Refused."""
    allowed(actor, "manage", "secret")
    problems = []
    if not _NAME.fullmatch(name) or name.startswith("whsec_"):
        message = "name the secret with up to 63 letters, digits and _, a letter first"
        problems.append(Problem("/name", "bad_name", message))
    if not secret or len(secret) > LONGEST or not secret.isprintable():
        message = f"give a text of one line and at most {LONGEST} characters"
        problems.append(Problem("/secret", "bad_secret", message))
    if problems:
        raise Refused("The secret was not kept.", problems)
    sealed = box.seal(secret, _purpose(name))
    await rows.put_secret(session, name, sealed, actor.name, now)
    await record(session, actor, "set", "secret", name)


async def list_secrets(session: AsyncSession, actor: Actor) -> list[KnownSecret]:
    """Names only: nobody is shown a secret again."""
    allowed(actor, "read", "secret")
    return [KnownSecret(*row) for row in await rows.secrets_by_name(session)]


async def remove_secret(session: AsyncSession, actor: Actor, name: str) -> None:
    """Calls that name it hold their runs from now on. Raises NotFound."""
    allowed(actor, "manage", "secret")
    if not await rows.delete_secret(session, name):
        raise NotFound(f'There is no secret "{name}". `cadenza hook secret list` shows all.')
    await record(session, actor, "remove", "secret", name)


async def opened_secrets(
    session: AsyncSession, box: SecretBox, names: Collection[str]
) -> dict[str, str]:
    """The secrets of these names; those that are missing or cannot be opened are left out."""
    found: dict[str, str] = {}
    for name, sealed in (await rows.sealed_secrets(session, names)).items():
        try:
            found[name] = box.open(sealed, _purpose(name))
        except Unreadable:
            continue
    return found


def _purpose(name: str) -> str:
    return f"secret:{name}"
