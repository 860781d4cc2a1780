"""Whose contacts and deals are: finding people who can take them, and giving them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import update_rows


async def active_users(session: AsyncSession, email_keys: Collection[str]) -> dict[str, int]:
    """Ids by folded address; whoever is gone or inactive is left out."""
    if not email_keys:
        return {}
    found = await session.execute(
        text('SELECT email_key, id FROM "user" WHERE email_key = ANY(:keys) AND active'),
        {"keys": list(email_keys)},
    )
    return {row[0]: row[1] for row in found}


async def active_members(session: AsyncSession, teams: Collection[str]) -> dict[str, list[int]]:
    """The active people of each team, in the order of their ids, which is the order of turns."""
    if not teams:
        return {}
    found = await session.execute(
        text(
            'SELECT t.name, u.id FROM team t JOIN "user" u ON u.team_id = t.id '
            "WHERE t.name = ANY(:names) AND u.active ORDER BY u.id"
        ),
        {"names": list(teams)},
    )
    members: dict[str, list[int]] = defaultdict(list)
    for name, user_id in found:
        members[name].append(user_id)
    return dict(members)


async def hold_turns(session: AsyncSession, teams: Collection[str]) -> dict[str, int | None]:
    """Who of each team was given work last. Until this transaction ends nobody else assigns to
    these teams; teams are taken in one order, so that nobody waits in a circle."""
    if not teams:
        return {}
    await session.execute(
        text(
            "INSERT INTO assignment_turn (team_id) SELECT id FROM team WHERE name = ANY(:names) "
            "ORDER BY id ON CONFLICT DO NOTHING"
        ),
        {"names": list(teams)},
    )
    found = await session.execute(
        text(
            """
            SELECT t.name, turn.last_user_id FROM assignment_turn turn
            JOIN team t ON t.id = turn.team_id WHERE t.name = ANY(:names)
            ORDER BY turn.team_id FOR UPDATE OF turn
            """
        ),
        {"names": list(teams)},
    )
    return {row[0]: row[1] for row in found}


async def write_turns(session: AsyncSession, last: Mapping[str, int]) -> None:
    if last:
        await session.execute(
            text(
                """
                UPDATE assignment_turn turn SET last_user_id = l.user_id
                FROM unnest(CAST(:names AS text[]), CAST(:users AS bigint[])) AS l(name, user_id)
                JOIN team t ON t.name = l.name WHERE turn.team_id = t.id
                """
            ),
            {"names": list(last), "users": list(last.values())},
        )


async def open_work(session: AsyncSession, user_ids: Collection[int]) -> dict[int, int]:
    """How many tasks that are not done and open deals each of these people has."""
    if not user_ids:
        return {}
    found = await session.execute(
        text(
            """
            SELECT u, (SELECT count(*) FROM activity a
                       WHERE a.owner_id = u AND a.kind = 'task' AND a.done_at IS NULL)
                    + (SELECT count(*) FROM deal d JOIN stage s ON s.id = d.stage_id
                       WHERE d.owner_id = u AND s.kind = 'open')
            FROM unnest(CAST(:ids AS bigint[])) AS u
            """
        ),
        {"ids": list(user_ids)},
    )
    return {row[0]: row[1] for row in found}


async def owners_of_accounts(session: AsyncSession, contact_ids: Collection[int]) -> dict[int, int]:
    """By contact, the active owner of the contact's account."""
    found = await session.execute(
        text(
            """
            SELECT c.id, u.id FROM contact c JOIN account a ON a.id = c.account_id
            JOIN "user" u ON u.id = a.owner_id AND u.active WHERE c.id = ANY(:ids)
            """
        ),
        {"ids": list(contact_ids)},
    )
    return {row[0]: row[1] for row in found}


async def owners_of_contacts(session: AsyncSession, contact_ids: Collection[int]) -> dict[int, int]:
    """By contact, its active owner."""
    found = await session.execute(
        text(
            'SELECT c.id, u.id FROM contact c JOIN "user" u ON u.id = c.owner_id AND u.active '
            "WHERE c.id = ANY(:ids)"
        ),
        {"ids": list(contact_ids)},
    )
    return {row[0]: row[1] for row in found}


async def active_among(session: AsyncSession, user_ids: Collection[int]) -> frozenset[int]:
    """Which of these people are active."""
    found = await session.execute(
        text('SELECT id FROM "user" WHERE id = ANY(:ids) AND active'), {"ids": list(user_ids)}
    )
    return frozenset(found.scalars())


async def give(session: AsyncSession, table: str, owners: Mapping[int, int], now: datetime) -> None:
    """Write the owner of each contact or deal; `table` is one of the two."""
    changes = {id_: {"owner_id": owner, "updated_at": now} for id_, owner in owners.items()}
    await update_rows(session, table, changes)
