"""Users, roles, sign-ins and write keys: every query about the people and systems that come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.models import Role, SignIn, User, WriteKey

# Any number nobody else takes. Two processes that start at once must not both make an admin.
_FIRST_ADMIN_LOCK = 0x41444D31


async def put_roles(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add or refresh roles by key."""
    wanted = upsert(Role).values([dict(row) for row in rows])
    await session.execute(
        wanted.on_conflict_do_update(
            index_elements=[Role.key],
            set_={
                "label": wanted.excluded.label,
                "permissions": wanted.excluded.permissions,
                "shipped": wanted.excluded.shipped,
            },
        )
    )


async def one_admin_maker_at_a_time(session: AsyncSession) -> None:
    """Wait for any other transaction that is about to make the first admin."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FIRST_ADMIN_LOCK})


async def an_admin_can_sign_in(session: AsyncSession) -> bool:
    found = await session.execute(
        select(exists().where(User.role == "admin", User.active, User.password_hash.is_not(None)))
    )
    return bool(found.scalar_one())


async def active_admins(session: AsyncSession) -> int:
    """How many can sign in; locks their rows, so that two cannot each remove the other."""
    found = await session.execute(
        select(User.id)
        .where(User.role == "admin", User.active, User.password_hash.is_not(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return len(found.all())


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    found = await session.execute(select(User).where(User.email_key == folded(email)))
    return found.scalar_one_or_none()


async def user_by_id(session: AsyncSession, user_id: int) -> User | None:
    return await session.get(User, user_id)


async def users_by_name(session: AsyncSession) -> Sequence[User]:
    found = await session.execute(select(User).order_by(User.name_key, User.id))
    return found.scalars().all()


async def add_user(session: AsyncSession, row: Mapping[str, Any]) -> int:
    made = await session.execute(insert(User).values(**row).returning(User.id))
    return int(made.scalar_one())


async def change_user(session: AsyncSession, user_id: int, values: Mapping[str, Any]) -> None:
    await session.execute(update(User).where(User.id == user_id).values(**values))


async def change_credentials(
    session: AsyncSession, user_id: int, values: Mapping[str, Any], *, as_of: int | None = None
) -> bool:
    """Write the values and let every sign-in and link of theirs end. The epoch rises by what it is
    when the row is held: of two who change it at once each ends what the other left. False, and
    nothing is written, when the credentials are not those of the epoch `as_of` any more."""
    wanted = update(User).where(User.id == user_id)
    if as_of is not None:
        wanted = wanted.where(User.credential_epoch == as_of)
    found = await session.execute(
        wanted.values(**values, credential_epoch=User.credential_epoch + 1).returning(User.id)
    )
    if found.first() is None:
        return False
    await end_sign_ins_of(session, user_id)
    return True


async def end_sign_ins_of(session: AsyncSession, user_id: int) -> None:
    await session.execute(delete(SignIn).where(SignIn.user_id == user_id))


async def add_sign_in(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(insert(SignIn).values(**row))


async def end_sign_in(session: AsyncSession, token_hash: str) -> None:
    await session.execute(delete(SignIn).where(SignIn.token_hash == token_hash))


async def forget_expired_sign_ins(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(SignIn).where(SignIn.expires_at <= now))


async def signed_in(
    session: AsyncSession, token_hash: str, now: datetime
) -> tuple[SignIn, User] | None:
    """The sign-in and its user while it lasts: not expired, user active, credentials unchanged."""
    found = await session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_hash == token_hash,
            SignIn.expires_at > now,
            User.active,
            User.credential_epoch == SignIn.credential_epoch,
        )
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])


async def prolong_sign_in(
    session: AsyncSession, token_hash: str, now: datetime, expires_at: datetime
) -> None:
    await session.execute(
        update(SignIn)
        .where(SignIn.token_hash == token_hash)
        .values(last_seen_at=now, expires_at=expires_at)
    )


async def add_write_key(session: AsyncSession, row: Mapping[str, Any]) -> int | None:
    """The new key's id; None when the source has a key already."""
    made = await session.execute(
        upsert(WriteKey)
        .values(**row)
        .on_conflict_do_nothing(index_elements=[WriteKey.source])
        .returning(WriteKey.id)
    )
    return made.scalar_one_or_none()


async def write_key_of(session: AsyncSession, source: str) -> WriteKey | None:
    found = await session.execute(
        select(WriteKey).where(WriteKey.source == source).with_for_update()
    )
    return found.scalar_one_or_none()


async def change_write_key(session: AsyncSession, key_id: int, values: Mapping[str, Any]) -> None:
    await session.execute(update(WriteKey).where(WriteKey.id == key_id).values(**values))


async def write_keys(session: AsyncSession) -> Sequence[WriteKey]:
    found = await session.execute(select(WriteKey).order_by(WriteKey.source))
    return found.scalars().all()


async def source_behind(session: AsyncSession, key_hash: str) -> str | None:
    """The source of a key that is valid; notes, to the minute, that it was used."""
    found = await session.execute(
        select(WriteKey.id, WriteKey.source, WriteKey.last_used_at).where(
            WriteKey.key_hash == key_hash, WriteKey.revoked_at.is_(None)
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    await session.execute(
        update(WriteKey)
        .where(
            WriteKey.id == row.id,
            func.coalesce(WriteKey.last_used_at, text("'-infinity'::timestamptz"))
            < func.now() - text("interval '1 minute'"),
        )
        .values(last_used_at=func.now())
        .execution_options(synchronize_session=False)
    )
    return str(row.source)
