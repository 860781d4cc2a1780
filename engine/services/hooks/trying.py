"""A mapping tried on a sample: which events it would be, of whom, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import event_locks
from crm_store.base import folded
from crm_store.contact_lookup import contacts_named
from engine.errors import Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.contacts.traits import read_traits
from engine.services.custom_fields import list_custom_fields
from engine.services.events.items import Item
from engine.services.hooks.sources import checked_mapping
from engine.services.sources.reading import Origin, read_document

MOST_BYTES: Final = 262_144
# Of a list, as many as fit on a page.
MOST_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class TriedDocument:
    """`event` None: it would be refused, and `problems` say why. `contact` are the names it goes
    by, `contact_id` whoever has one of them today; `fields` are what would be written."""

    event: str | None
    occurred_at: datetime | None
    contact: ReadOnly[str, str]
    contact_id: int | None
    fields: ReadOnly[str, Any]
    properties: ReadOnly[str, Any]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    documents: tuple[TriedDocument, ...]
    count: int


async def try_mapping(
    session: AsyncSession, actor: Actor, given: Any, sample: str, now: datetime
) -> Tried:
    """Nothing is written. Raises NotAllowed, and Refused when mapping or sample cannot be read."""
    allowed(actor, "read", "hook")
    mapping = await checked_mapping(session, given)
    documents = mapping.documents(_parsed(sample))
    custom = await list_custom_fields(session, "contact")
    read = [
        read_document(mapping, one, Origin("hook:sample", "sample", now, index))
        for index, one in enumerate(documents[:MOST_SHOWN])
    ]
    known = await _known(session, [item for item, _ in read if item is not None])
    tried = []
    for item, problems in read:
        if item is None:
            tried.append(TriedDocument(None, None, {}, None, {}, {}, tuple(problems)))
            continue
        fields, refused = read_traits(item.traits, custom)
        fields.pop("email", None)
        own = fields.pop("custom", {})
        fields |= {f"custom.{key}": value for key, value in own.items()}
        ids = {name: value for name, value in _ids(item).items() if value}
        contact_id = next((known[one] for one in _names(item) if one in known), None)
        tried.append(
            TriedDocument(
                item.name,
                item.occurred_at,
                ids,
                contact_id,
                fields,
                item.properties,
                (*problems, *refused),
            )
        )
    return Tried(tuple(tried), len(documents))


def _parsed(sample: str) -> Any:
    body = sample.encode("utf-8", "replace")
    if len(body) > MOST_BYTES:
        problem = Problem("/sample", "too_large", f"paste at most {MOST_BYTES} bytes")
        raise Refused("The sample was not tried.", [problem])
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"{error.msg} (line {error.lineno}, column {error.colno})"
        problem = Problem("/sample", "bad_json", where)
        raise Refused("The sample is not JSON.", [problem]) from error


def _ids(item: Item) -> dict[str, str | None]:
    return {"email": item.address, "user_id": item.user_id, "anonymous_id": item.anonymous_id}


def _names(item: Item) -> list[event_locks.Name]:
    names: list[event_locks.Name] = []
    if item.user_id:
        names.append(("user", item.user_id))
    if item.address:
        names.append(("email", folded(item.address)))
    if item.anonymous_id:
        names.append(("anonymous", item.anonymous_id))
    return names


async def _known(session: AsyncSession, items: list[Item]) -> dict[event_locks.Name, int]:
    return await contacts_named(session, {one for item in items for one in _names(item)})
