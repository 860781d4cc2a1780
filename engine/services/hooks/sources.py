"""Sources of webhooks: made, listed, rotated, removed. A secret is shown once, when it is made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import hook_sources as rows
from crm_store.models import HookSource
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.json_path import is_path
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.contacts.fields import CONTACT_FIELDS
from engine.services.custom_fields import list_custom_fields
from engine.services.hooks.schemes import (
    FORBIDDEN_HEADERS,
    HEADER_NAME,
    OWN_HEADER,
    SIGNATURES,
    is_plain_secret,
    new_secret,
)
from engine.services.hooks.verifying import key_of
from engine.services.secrets import SecretBox, new_signing_secret
from engine.services.segment_door import ChangedMeanwhile
from engine.services.sources import IDENTITIES, Mapping, Value, mapping_from, mapping_stored

# Fields of a contact that a document may fill; its names are said by `contact`.
FILLED: Final = frozenset(CONTACT_FIELDS) - {"external_id", "email"}
USUAL_OVERLAP: Final = timedelta(days=1)
LONGEST_OVERLAP: Final = timedelta(days=30)
LONGEST_EVENT: Final = 255
EVERY: Final = "*"
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
    place of the event, each is called "Webhook Received". `mapping` says all of that and more."""

    name: str
    contact: ReadOnly[str, str]
    event_name: str | None
    event_path: str | None
    active: bool
    created_at: datetime
    last_used_at: datetime | None
    previous_until: datetime | None
    mapping: Mapping
    signature: str = "standard"
    signature_header: str | None = None

    @property
    def tag(self) -> str:
        """Stands for what can be edited in it."""
        return _tag(self.mapping)


async def add_source(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    name: str,
    *,
    contact: ReadOnly[str, str] | None = None,
    event_name: str | None = None,
    event_path: str | None = None,
    mapping: Any = None,
    secret: str | None = None,
    signature: str = "standard",
    signature_header: str | None = None,
    now: datetime,
) -> NewSource:
    """A source whose documents name the contact at `contact` and the event at `event_path`, or
    always mean `event_name`; with neither, every call is a "Webhook Received". A `mapping` says
    that and more, instead of the three. Without a `secret` of theirs one is made. `signature` says
    how they sign; plain HMAC and tokens come in the header `signature_header`.

    Raises Refused with everything that is wrong, and Conflict when the name is taken.
    """
    allowed(actor, "create", "hook")
    problems = [*_name_problems(name), *_signature_problems(signature, signature_header, secret)]
    values: dict[str, Any]
    if mapping is None:
        problems += _mapping_problems(contact or {}, event_name, event_path)
        values = {
            "contact_paths": dict(contact or {}),
            "event_name": event_name,
            "event_path": event_path,
        }
    else:
        values = await _mapped(session, mapping, problems)
    if problems:
        raise Refused("The source was not made.", problems)
    given = secret or _new_secret(signature)
    row = {
        "name": name,
        "secret": box.seal(given, purpose_of(name)),
        "signature": signature,
        "signature_header": signature_header if signature in OWN_HEADER else None,
        "created_at": now,
        **values,
    }
    source_id = await rows.add_hook_source(session, row)
    if source_id is None:
        raise Conflict(f'There is a source "{name}". Remove it, or rotate its secret.')
    said = {key: value for key, value in values.items() if key != "contact_paths"}
    after = {"name": name, "contact": values["contact_paths"], "signature": signature, **said}
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
    secret: str | None = None,
) -> NewSource:
    """A new secret, theirs or one of ours; the present one is accepted for `overlap` more."""
    allowed(actor, "edit", "hook")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        problem = Problem("/overlap", "out_of_range", "choose between nothing and 30 days")
        raise Refused("The secret was not rotated.", [problem])
    source = await _source(session, name)
    if problems := _secret_problems(source.signature, secret):
        raise Refused("The secret was not rotated.", problems)
    given = secret or _new_secret(source.signature)
    until = now + overlap
    values = {
        "secret": box.seal(given, purpose_of(name)),
        "previous_secret": source.secret,
        "previous_until": until,
    }
    await rows.change_hook_source(session, source.id, values)
    after = {"name": name, "previous_until": until.isoformat()}
    await record(session, actor, "rotate", "hook", source.id, after=after)
    return NewSource(name, given)


async def set_mapping(
    session: AsyncSession, actor: Actor, name: str, given: Any, *, seen: str = EVERY
) -> Mapping:
    """Read this source's documents so from now on; `given` is JSON as `engine.services.sources`
    describes it, `seen` the tag of the mapping that it was made to. Raises NotAllowed, NotFound,
    ChangedMeanwhile, and Refused with everything that is wrong."""
    allowed(actor, "edit", "hook")
    source = await _source(session, name, seen)
    mapping = await checked_mapping(session, given)
    before, after = mapping_of(source).as_json(), mapping.as_json()
    if before == after and source.mapping is not None:
        return mapping
    values = _columns(mapping)
    await rows.change_hook_source(session, source.id, values)
    await record(session, actor, "edit", "hook", source.id, {"mapping": before}, {"mapping": after})
    return mapping


def _columns(mapping: Mapping) -> dict[str, Any]:
    """The three places are kept beside it for whoever lists sources."""
    event = mapping.event
    plain = {key: one.path for key, one in mapping.contact.items() if one.path is not None}
    return {
        "mapping": mapping.as_json(),
        "contact_paths": plain,
        "event_name": str(event.constant) if event and event.constant is not None else None,
        "event_path": event.path if event else None,
    }


async def _mapped(session: AsyncSession, given: Any, problems: list[Problem]) -> dict[str, Any]:
    try:
        return _columns(await checked_mapping(session, given))
    except Refused as refusal:
        problems += refusal.problems
        return {}


async def checked_mapping(session: AsyncSession, given: Any) -> Mapping:
    """Raises Refused."""
    custom = frozenset(one.key for one in await list_custom_fields(session, "contact"))
    return mapping_from(given, custom=custom, known=FILLED)


async def read_source(session: AsyncSession, actor: Actor, name: str) -> KnownSource:
    """Raises NotAllowed, NotFound."""
    allowed(actor, "read", "hook")
    source = await rows.hook_source_named(session, name)
    if source is None:
        raise NotFound(f'There is no source "{name[:80]}".')
    return _known(source)


async def set_active(session: AsyncSession, actor: Actor, name: str, active: bool) -> None:
    """An inactive source is answered like one that does not exist."""
    allowed(actor, "edit", "hook")
    source = await _source(session, name)
    if source.active is not active:
        await rows.change_hook_source(session, source.id, {"active": active})
        verb = "resume" if active else "pause"
        await record(session, actor, verb, "hook", source.id, after={"name": name})


async def remove_source(
    session: AsyncSession, actor: Actor, name: str, *, seen: str = EVERY
) -> None:
    """What it reported stays. Raises NotFound, ChangedMeanwhile."""
    allowed(actor, "delete", "hook")
    source = await _source(session, name, seen)
    await rows.delete_hook_source(session, source.id)
    await record(session, actor, "remove", "hook", source.id, before={"name": name})


async def list_sources(session: AsyncSession, actor: Actor) -> list[KnownSource]:
    allowed(actor, "read", "hook")
    return [_known(one) for one in await rows.hook_sources(session)]


def mapping_of(source: HookSource) -> Mapping:
    """What was saved, or what the three places say that a source was made with."""
    if source.mapping is not None:
        return mapping_stored(source.mapping)
    event: Value | None = None
    if source.event_name is not None:
        event = Value(constant=source.event_name)
    elif source.event_path is not None:
        event = Value(source.event_path)
    return Mapping(event, contact={key: Value(path) for key, path in source.contact_paths.items()})


def _known(one: HookSource) -> KnownSource:
    return KnownSource(
        one.name,
        one.contact_paths,
        one.event_name,
        one.event_path,
        one.active,
        one.created_at,
        one.last_used_at,
        one.previous_until if one.previous_secret else None,
        mapping_of(one),
        one.signature,
        one.signature_header,
    )


def purpose_of(name: str) -> str:
    """What the box seals a source's secret for."""
    return f"hook:{name}"


def is_signing_secret(text: str) -> bool:
    try:
        return len(key_of(text)) >= _FEWEST_BYTES
    except ValueError:
        return False


async def _source(session: AsyncSession, name: str, seen: str = EVERY) -> HookSource:
    source = await rows.hook_source_for_change(session, name)
    if source is None:
        raise NotFound(f'There is no source "{name[:80]}". `cadenza hook list` shows all.')
    if seen not in (EVERY, _tag(mapping_of(source))):
        raise ChangedMeanwhile(f'The mapping of "{name}" was changed since you read it.')
    return source


def _tag(mapping: Mapping) -> str:
    spelled = orjson.dumps(mapping.as_json(), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(spelled).hexdigest()[:32]


def _name_problems(name: str) -> list[Problem]:
    if _NAME.fullmatch(name):
        return []
    message = "name the source with up to 63 small letters, digits, - or _"
    return [Problem("/name", "bad_name", message)]


def _mapping_problems(
    contact: ReadOnly[str, str], event_name: str | None, event_path: str | None
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


def _signature_problems(signature: str, header: str | None, secret: str | None) -> list[Problem]:
    if signature not in SIGNATURES:
        message = f"choose one of {', '.join(SIGNATURES)}"
        return [Problem("/signature", "unknown", message)]
    found = _secret_problems(signature, secret)
    if signature in OWN_HEADER:
        name = header or ""
        if not HEADER_NAME.fullmatch(name) or name.lower() in FORBIDDEN_HEADERS:
            message = "name the header that carries it, such as X-Signature"
            found.append(Problem("/signature_header", "bad_header", message))
    return found


def _secret_problems(signature: str, secret: str | None) -> list[Problem]:
    if secret is None:
        return []
    if signature == "standard":
        fits, message = is_signing_secret(secret), "give whsec_ and at least 16 bytes in base64"
    else:
        fits, message = is_plain_secret(secret), "give 16 to 512 characters"
    return [] if fits else [Problem("/secret", "bad_secret", message)]


def _new_secret(signature: str) -> str:
    return new_signing_secret() if signature == "standard" else new_secret(signature)


def _is_event(name: str) -> bool:
    return 0 < len(name.strip()) <= LONGEST_EVENT and name.isprintable()
