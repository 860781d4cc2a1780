"""Finding and holding everybody a batch of events is about, in one round trip or two.

The order of the locks is that of `event_locks`: names by hash, contacts by id. Contacts are held at
once only when every name is known; else the names come first, and everything is asked again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contacts import ANONYMOUS
from crm_store.event_locks import Name, Overtaken
from crm_store.events import Message
from crm_store.models import Contact
from crm_store.round_trips import Ask, Row, in_one_trip

# The first half of the advisory locks' key ("ames"); the second is the stripe.
_NAMES_LOCK: Final = 0x616D6573
# A lock per name would fill the server's lock table; names share this many.
_STRIPES: Final = 64

_COLUMNS: Final = tuple(column.name for column in Contact.__table__.columns)

# What a contact is called comes before what one was called that was merged into it. Arrays of what
# is looked for keep the indexes in use even by a plan made while the tables were empty.
_HOLD: Final = f"""
    WITH named AS MATERIALIZED (
        SELECT 'user' AS kind, external_id AS name, id AS contact_id, 1 AS rank
        FROM contact WHERE external_id = ANY(
            ARRAY(SELECT jsonb_array_elements_text(CAST(%(users)s AS jsonb))))
        UNION ALL
        SELECT 'email', email_key, id, 1 FROM contact WHERE email_key = ANY(
            ARRAY(SELECT jsonb_array_elements_text(CAST(%(emails)s AS jsonb))))
        UNION ALL
        SELECT 'anonymous', value, contact_id, 1 FROM contact_alias
        WHERE kind = '{ANONYMOUS}' AND value = ANY(
            ARRAY(SELECT jsonb_array_elements_text(CAST(%(browsers)s AS jsonb))))
        UNION ALL
        SELECT 'user', value, contact_id, 0 FROM contact_alias
        WHERE kind = 'external_id' AND value = ANY(
            ARRAY(SELECT jsonb_array_elements_text(CAST(%(users)s AS jsonb))))
        UNION ALL
        SELECT 'email', value, contact_id, 0 FROM contact_alias
        WHERE kind = 'email_key' AND value = ANY(
            ARRAY(SELECT jsonb_array_elements_text(CAST(%(emails)s AS jsonb))))
    ), whose AS MATERIALIZED (
        SELECT DISTINCT ON (kind, name) kind, name, contact_id
        FROM named ORDER BY kind, name, rank DESC
    ), held AS MATERIALIZED (
        SELECT c.* FROM contact c WHERE c.id = ANY(ARRAY(
            SELECT contact_id FROM whose
            WHERE (SELECT count(*) FROM whose) >= CAST(%(least)s AS bigint)))
        ORDER BY c.id FOR NO KEY UPDATE
    )
    SELECT w.kind, w.name, w.contact_id, {", ".join(f'h."{name}"' for name in _COLUMNS)}
    FROM whose w LEFT JOIN held h ON h.id = w.contact_id
"""  # noqa: S608 - the columns are our model's

# Lateral with a limit, so that the index is used even by a plan made while the table was empty.
_SEEN: Final = """
    SELECT m.source, m.id
    FROM jsonb_to_recordset(CAST(%(messages)s AS jsonb)) AS m(source text, id text)
    CROSS JOIN LATERAL (
        SELECT 1 FROM event e WHERE e.source = m.source AND e.message_id = m.id LIMIT 1
    ) known
"""

# Nobody else makes contacts or accounts of these names until this transaction ends.
_LOCK_NAMES: Final = f"""
    SELECT pg_advisory_xact_lock({_NAMES_LOCK}, stripe) FROM (
        SELECT DISTINCT abs(hashtext(name) %% {_STRIPES}) AS stripe
        FROM jsonb_array_elements_text(CAST(%(names)s AS jsonb)) name ORDER BY stripe
    ) stripes
"""  # noqa: S608 - two numbers of ours

_NEW_IDS: Final = """
    SELECT nextval(CAST((SELECT pg_get_serial_sequence('contact', 'id')) AS regclass))
    FROM generate_series(1, CAST(%(count)s AS int))
"""


@dataclass(frozen=True, slots=True)
class Held:
    """`ids` says whom a name means, `contacts` are their whole rows, which nobody else changes
    until the transaction ends, `seen` the messages that are events already. There are `new_ids` for
    as many contacts as there are names that mean nobody.

    Because the locks come before the events get their ids, one contact's events become visible in
    the order of their ids.
    """

    ids: Mapping[Name, int] = field(default_factory=dict)
    contacts: Collection[dict[str, Any]] = ()
    seen: frozenset[Message] = frozenset()
    new_ids: list[int] = field(default_factory=list)


async def hold(
    session: AsyncSession,
    names: Collection[Name],
    accounts: Collection[Name],
    messages: Collection[Message],
) -> Held:
    """Raises Overtaken when a contact went away meanwhile.

    `accounts` are names that must be locked with those of new contacts.
    """
    hold_names = _hold(names)
    seen = Ask(_SEEN, {"messages": _json([{"source": one, "id": id_} for one, id_ in messages])})
    # with accounts to lock, contacts have to wait for those
    least = len(names) + 1 if accounts else len(names)
    found, known = await in_one_trip(session, [_at_least(hold_names, least), seen])
    missing = set(names).difference((row[0], row[1]) for row in found)
    ids: list[Row] = []
    if missing or accounts:
        locked = _json([f"{kind}:{value}" for kind, value in missing.union(accounts)])
        _, found, known, ids = await in_one_trip(
            session,
            [
                Ask(_LOCK_NAMES, {"names": locked}),
                _at_least(hold_names, 0),
                seen,
                Ask(_NEW_IDS, {"count": len(missing)}),
            ],
        )
    return _held(found, known, ids)


def _hold(names: Collection[Name]) -> Ask:
    values: dict[str, list[str]] = {"user": [], "email": [], "anonymous": []}
    for kind, value in names:
        values[kind].append(value)
    return Ask(
        _HOLD,
        {
            "users": _json(values["user"]),
            "emails": _json(values["email"]),
            "browsers": _json(values["anonymous"]),
        },
    )


def _at_least(ask: Ask, least: int) -> Ask:
    """Contacts are held when at least so many names are known."""
    return ask._replace(values={**ask.values, "least": least})


def _held(found: list[Row], known: list[Row], ids: list[Row]) -> Held:
    contacts: dict[int, dict[str, Any]] = {}
    for row in found:
        if row[2] not in contacts:
            contacts[row[2]] = dict(zip(_COLUMNS, row[3:], strict=True))
    if any(contact["id"] is None for contact in contacts.values()):
        raise Overtaken
    return Held(
        {(row[0], row[1]): row[2] for row in found},
        contacts.values(),
        frozenset((row[0], row[1]) for row in known),
        [row[0] for row in ids],
    )


def _json(values: list[Any]) -> str:
    """A list travels as JSON, which is several times cheaper to write than the driver's arrays."""
    return orjson.dumps(values).decode()
