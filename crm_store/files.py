"""Stored files: by name, by version, by digest. Content is read only where it is wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import StoredFile

# The first half of the advisory lock's key ("file"); the second is the name.
_LOCK: Final = 0x66696C65


@dataclass(frozen=True, slots=True)
class FileRow:
    """One version of a file, without its content."""

    id: int
    name: str
    version: int
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    created_by: str


_COLUMNS: Final = (
    StoredFile.id,
    StoredFile.name,
    StoredFile.version,
    StoredFile.file_name,
    StoredFile.content_type,
    StoredFile.size_bytes,
    StoredFile.sha256,
    StoredFile.created_at,
    StoredFile.created_by,
)


async def lock_file(session: AsyncSession, name: str) -> None:
    """Nobody else adds a version of this file or removes it until this transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(:space, hashtext(:name))"),
        {"space": _LOCK, "name": name},
    )


async def newest_files(session: AsyncSession, names: Collection[str]) -> dict[str, FileRow]:
    """The newest version of each of these files; unknown names are left out."""
    if not names:
        return {}
    found = await session.execute(
        select(*_COLUMNS)
        .where(StoredFile.name.in_(sorted(names)))
        .ext(distinct_on(StoredFile.name))
        .order_by(StoredFile.name, StoredFile.version.desc())
    )
    return {row[1]: FileRow(*row) for row in found}


async def file_page(session: AsyncSession, after: str, limit: int) -> list[FileRow]:
    """The newest versions of files by name, from behind this name on."""
    found = await session.execute(
        select(*_COLUMNS)
        .where(StoredFile.name > after)
        .ext(distinct_on(StoredFile.name))
        .order_by(StoredFile.name, StoredFile.version.desc())
        .limit(limit)
    )
    return [FileRow(*row) for row in found]


async def file_names(session: AsyncSession) -> set[str]:
    found = await session.scalars(select(StoredFile.name).distinct())
    return set(found)


async def versions_of(session: AsyncSession, name: str) -> list[FileRow]:
    """All versions of a file, the newest first."""
    found = await session.execute(
        select(*_COLUMNS).where(StoredFile.name == name).order_by(StoredFile.version.desc())
    )
    return [FileRow(*row) for row in found]


async def contents(session: AsyncSession, ids: Collection[int]) -> dict[int, bytes]:
    if not ids:
        return {}
    found = await session.execute(
        select(StoredFile.id, StoredFile.content).where(StoredFile.id.in_(sorted(ids)))
    )
    return {row[0]: row[1] for row in found}


async def content_with_digest(
    session: AsyncSession, sha256: str, content_types: Collection[str]
) -> tuple[str, bytes] | None:
    """Type and content of a file of one of these types, by its digest."""
    found = await session.execute(
        select(StoredFile.content_type, StoredFile.content)
        .where(StoredFile.sha256 == sha256, StoredFile.content_type.in_(sorted(content_types)))
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])


async def bytes_kept(session: AsyncSession) -> int:
    """How much all versions of all files take."""
    found = await session.scalar(select(func.coalesce(func.sum(StoredFile.size_bytes), 0)))
    return int(found or 0)


async def insert_file(
    session: AsyncSession,
    *,
    name: str,
    version: int,
    file_name: str,
    content_type: str,
    sha256: str,
    content: bytes,
    created_by: str,
    now: datetime,
) -> FileRow:
    values = {
        "name": name,
        "version": version,
        "file_name": file_name,
        "content_type": content_type,
        "size_bytes": len(content),
        "sha256": sha256,
        "content": content,
        "created_at": now,
        "created_by": created_by,
    }
    found = await session.execute(insert(StoredFile).values(**values).returning(*_COLUMNS))
    return FileRow(*found.one())


async def delete_versions(session: AsyncSession, ids: Collection[int]) -> None:
    await session.execute(delete(StoredFile).where(StoredFile.id.in_(sorted(ids))))


async def delete_file(session: AsyncSession, name: str) -> int:
    """Remove every version; how many there were."""
    found = await session.execute(
        delete(StoredFile).where(StoredFile.name == name).returning(StoredFile.id)
    )
    return len(found.all())
