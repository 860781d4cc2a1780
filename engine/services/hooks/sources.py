"""Sources of webhooks: made, listed, rotated, removed. A secret is shown once, when it is made."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import hook_sources as rows
from crm_store.models import HookSource
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.json_path import is_path
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.secrets import SecretBox, new_signing_secret

IDENTITIES: Final = ("email", "user_id", "anonymous_id")
USUAL_OVERLAP: Final = timedelta(days=1)
LONGEST_OVERLAP: Final = timedelta(days=30)
LONGEST_EVENT: Final = 255
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
# What Standard Webhooks allows; a shorter one could be guessed.
_FEWEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class NewSource:
    """`secret` is shown this once; give it to the other system."""

    name: str
    secret: str

    def __repr__(self) -> str:
        return f"NewSource({self.name})"


@dataclass(frozen=True, slots=True)
class KnownSource:
    """`contact` maps "email", "user_id", "anonymous_id" to places; without a name and a
    place of the event, each is called "Webhook Received"."""

    name: str
    contact: Mapping[str, str]
    event_name: str | None
    event_path: str | None
    active: bool
    created_at: datetime
    last_used_at: datetime | None
    previous_until: datetime | None


async def add_source(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    name: str,
    *,
    contact: Mapping[str, str],
    event_name: str | None = None,
    event_path: str | None = None,
    secret: str | None = None,
    now: datetime,
) -> NewSource:
    """A source whose documents name the contact at `contact` and the event at `event_path`, or
    always mean `event_name`; with neither, every call is a "Webhook Received". Without a `secret`
    of theirs one is made.

    Raises Refused with everything that is wrong, and Conflict when the name is taken.
    """
    allowed(actor, "manage", "hook")
    problems = [*_name_problems(name), *_mapping_problems(contact, event_name, event_path)]
    if secret is not None and not is_signing_secret(secret):
        problems.append(
            Problem("/secret", "bad_secret", "give whsec_ and at least 16 bytes in base64")
        )
    if problems:
        raise Refused("The source was not made.", problems)
    given = secret or new_signing_secret()
    row = {
        "name": name,
        "secret": box.seal(given, purpose_of(name)),
        "contact_paths": dict(contact),
        "event_name": event_name,
        "event_path": event_path,
        "created_at": now,
    }
    source_id = await rows.add_hook_source(session, row)
    if source_id is None:
        raise Conflict(f'There is a source "{name}". Remove it, or rotate its secret.')
    after = {
        "name": name,
        "contact": dict(contact),
        "event_name": event_name,
        "event_path": event_path,
    }
    await record(session, actor, "create", "hook", source_id, after=after)
    return NewSource(name, given)


async def rotate_source(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    name: str,
    now: datetime,
    *,
    overlap: timedelta = USUAL_OVERLAP,
) -> NewSource:
    """A new secret; the present one is accepted for `overlap` more."""
    allowed(actor, "manage", "hook")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problem = Problem("/overlap", "out_of_range", "choose between nothing and 30 days")
        raise Refused("The secret was not rotated.", [problem])
    source = await _source(session, name)
    secret = new_signing_secret()
    until = now + overlap
    values = {
        "secret": box.seal(secret, purpose_of(name)),
        "previous_secret": source.secret,
        "previous_until": until,
    }
    await rows.change_hook_source(session, source.id, values)
    after = {"name": name, "previous_until": until.isoformat()}
    await record(session, actor, "rotate", "hook", source.id, after=after)
    return NewSource(name, secret)


async def set_active(session: AsyncSession, actor: Actor, name: str, active: bool) -> None:
    """An inactive source is answered like one that does not exist."""
    allowed(actor, "manage", "hook")
    source = await _source(session, name)
    if source.active is not active:
        await rows.change_hook_source(session, source.id, {"active": active})
        verb = "resume" if active else "pause"
        await record(session, actor, verb, "hook", source.id, after={"name": name})


async def remove_source(session: AsyncSession, actor: Actor, name: str) -> None:
    """What it reported stays. Raises NotFound."""
    allowed(actor, "manage", "hook")
    source = await _source(session, name)
    await rows.delete_hook_source(session, source.id)
    await record(session, actor, "remove", "hook", source.id, before={"name": name})


async def list_sources(session: AsyncSession, actor: Actor) -> list[KnownSource]:
    allowed(actor, "read", "hook")
    return [
        KnownSource(
            one.name,
            one.contact_paths,
            one.event_name,
            one.event_path,
            one.active,
            one.created_at,
            one.last_used_at,
            one.previous_until if one.previous_secret else None,
        )
        for one in await rows.hook_sources(session)
    ]


def purpose_of(name: str) -> str:
    """What the box seals a source's secret for."""
    return f"hook:{name}"


def is_signing_secret(text: str) -> bool:
    try:
        key = b64decode(text.removeprefix("whsec_") + "==")
    except binascii.Error:
        return False
    return len(key) >= _FEWEST_BYTES and text.isprintable()


async def _source(session: AsyncSession, name: str) -> HookSource:
    source = await rows.hook_source_for_change(session, name)
    if source is None:
        raise NotFound(f'There is no source "{name}". `cadenza hook list` shows all.')
    return source


def _name_problems(name: str) -> list[Problem]:
    if _NAME.fullmatch(name):
        return []
    message = "name the source with up to 63 small letters, digits, - or _"
    return [Problem("/name", "bad_name", message)]


def _mapping_problems(
    contact: Mapping[str, str], event_name: str | None, event_path: str | None
) -> list[Problem]:
    found = []
    if not contact:
        message = f"say where the document names the contact: {', '.join(IDENTITIES)}"
        found.append(Problem("/contact", "missing", message))
    for key, path in contact.items():
        if key not in IDENTITIES:
            message = f"choose one of {', '.join(IDENTITIES)}"
            found.append(Problem(f"/contact/{key[:40]}", "unknown", message))
        if not is_path(path):
            message = "write a place such as data.customer.email"
            found.append(Problem(f"/contact/{key[:40]}", "bad_path", message))
    if event_name is not None and event_path is not None:
        message = "give the event's name or the place that names it, not both"
        found.append(Problem("/event", "one_of_two", message))
    if event_name is not None and not _is_event(event_name):
        message = f"write a name of at most {LONGEST_EVENT} characters"
        found.append(Problem("/event", "bad_name", message))
    if event_path is not None and not is_path(event_path):
        found.append(Problem("/event_path", "bad_path", "write a place such as type"))
    return found


def _is_event(name: str) -> bool:
    return 0 < len(name.strip()) <= LONGEST_EVENT and name.isprintable()
