"""Whom an event is about: many identities to contacts in a handful of queries.

A user id names a person for good, an address names one while nobody with another user id has it,
and an anonymous id names a visitor until the visitor signs in. People nobody knew are made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import bulk
from crm_store import contacts as rows
from crm_store.base import folded
from crm_store.models import Contact
from crm_store.names import contact_name_key
from engine.errors import Problem, Unavailable
from engine.services.contacts.acquaintance import Acquaintance, Circle
from engine.services.contacts.traits import read_traits
from engine.services.custom_fields import list_custom_fields

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """How a source names somebody, and what it says of them.

    `email_is_guess`: the address was only read out of the user id; it finds a contact without user
    id, and is never a reason to change one.
    """

    user_id: str | None = None
    anonymous_id: str | None = None
    email: str | None = None
    email_is_guess: bool = False
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolution:
    """`contact_ids` in order of the identities. `remarks` by index: traits that were left out."""

    contact_ids: list[int]
    created: frozenset[int]
    changed: frozenset[int]
    remarks: Mapping[int, Sequence[Problem]]


class _Raced(Exception):
    """Another transaction made one of our new contacts first; look again."""


async def resolve_contacts(
    session: AsyncSession, identities: Sequence[Identity], now: datetime
) -> Resolution:
    """Find or make the contact of each identity and write what its traits say.

    An identity without any name at all raises ValueError: refuse such items before. Queries do not
    grow with the number of identities. Calling twice with the same changes nothing.
    """
    if any(not (who.user_id or who.anonymous_id or who.email) for who in identities):
        raise ValueError("an identity needs a user id, an anonymous id or an address")
    if not identities:
        return Resolution([], frozenset(), frozenset(), {})
    for _ in range(_ATTEMPTS):
        try:
            async with session.begin_nested():
                return await _resolve(session, identities, now)
        except _Raced:
            continue
    raise Unavailable("Other requests keep making the same contacts. Send the batch again.")


async def _resolve(
    session: AsyncSession, identities: Sequence[Identity], now: datetime
) -> Resolution:
    circle = await _known(session, identities)
    custom = []
    if any(who.traits for who in identities):
        custom = list(await list_custom_fields(session, "contact"))
    met: list[Acquaintance] = []
    remarks: dict[int, Sequence[Problem]] = {}
    for index, who in enumerate(identities):
        said, problems = read_traits(who.traits, custom)
        address = said.pop("email", None) or who.email
        guess = who.email_is_guess and address == who.email
        person, more = circle.meet(who.user_id, who.anonymous_id, address, guess=guess)
        person.hear(said)
        met.append(person)
        if problems or more:
            remarks[index] = [*problems, *more]
    created, changed = await _write(session, circle, now)
    ids = [person.now_known_as.id_or_fail for person in met]
    await rows.note_seen(session, set(ids) - created, now)
    return Resolution(ids, frozenset(created), frozenset(changed), remarks)


async def _known(session: AsyncSession, identities: Sequence[Identity]) -> Circle:
    aliases = await rows.contacts_behind(
        session, {who.anonymous_id for who in identities if who.anonymous_id}
    )
    addresses = {who.email for who in identities if who.email}
    addresses |= {
        address for who in identities if isinstance(address := who.traits.get("email"), str)
    }
    found = await rows.contacts_named(
        session,
        external_ids={who.user_id for who in identities if who.user_id},
        email_keys={folded(address) for address in addresses},
        ids=set(aliases.values()),
    )
    return Circle(found, aliases)


async def _write(session: AsyncSession, circle: Circle, now: datetime) -> tuple[set[int], set[int]]:
    new = circle.new_people()
    for person, new_id in zip(
        new, await bulk.allocate_ids(session, Contact.__tablename__, len(new)), strict=True
    ):
        person.id = new_id
    lines = [_new_row(person, now) for person in new]
    # In one order everywhere, so that two batches cannot wait for each other.
    lines.sort(key=lambda line: (line["external_id"] or "", line["email_key"] or ""))
    columns = sorted({name for line in lines for name in line})
    for line in lines:
        for column in columns:
            line.setdefault(column, None)
    inserted = await bulk.insert_rows(session, Contact.__tablename__, columns, lines)
    if len(inserted) < len(lines):
        raise _Raced
    aliases = {value: person.id_or_fail for value, person in circle.new_aliases().items()}
    if await rows.add_aliases(session, aliases) != set(aliases):
        raise _Raced
    await rows.join_visitors(
        session,
        {
            visitor.id: person.id_or_fail
            for visitor, person in circle.joined()
            if visitor.id is not None
        },
    )
    changes = {person.id_or_fail: _change(person, now) for person in circle.changed_people()}
    await bulk.update_rows(session, Contact.__tablename__, changes)
    return inserted, set(changes)


def _new_row(person: Acquaintance, now: datetime) -> dict[str, Any]:
    values = person.values
    email = values.get("email")
    return {
        "external_id": None,
        "birthday_calendar": "gregorian",
        "lifecycle_stage": "lead",
        "score": 0,
        "custom": {},
        **values,
        "id": person.id,
        "email_key": folded(email) if email else None,
        "name_key": contact_name_key(values.get("first_name"), values.get("last_name"), email),
        "last_seen_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _change(person: Acquaintance, now: datetime) -> dict[str, Any]:
    values = person.values
    changes = {name: values[name] for name in person.changed} | {"updated_at": now}
    if "email" in person.changed:
        changes["email_key"] = folded(values["email"])
    if person.changed & {"email", "first_name", "last_name"}:
        changes["name_key"] = contact_name_key(
            values.get("first_name"), values.get("last_name"), values.get("email")
        )
    return changes
