"""Which backups were made of this database, as far as it knows itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import BackupMade
from engine.services import audit
from engine.services.actor import Actor, allowed


class BackupRow(NamedTuple):
    """`taken_at` is the moment its rows show; where the file is now, only its owner knows."""

    taken_at: datetime
    finished_at: datetime
    file_name: str
    size_bytes: int
    sha256: str
    schema_revision: str
    with_keys: bool
    made_by: str


async def note_backup(session: AsyncSession, actor: Actor, made: BackupRow) -> None:
    """Write down that a backup is finished. Raises NotAllowed."""
    allowed(actor, "manage", "backup")
    await session.execute(insert(BackupMade).values(**made._asdict()))
    after = {"file": made.file_name, "size_bytes": made.size_bytes, "sha256": made.sha256}
    await audit.record(session, actor, "create", "backup", made.file_name, None, after)


async def latest_backups(
    session: AsyncSession, actor: Actor, *, limit: int = 20
) -> Sequence[BackupRow]:
    """The newest first. Raises NotAllowed."""
    allowed(actor, "read", "backup")
    columns = [getattr(BackupMade, name) for name in BackupRow._fields]
    found = await session.execute(
        select(*columns).order_by(BackupMade.taken_at.desc(), BackupMade.id.desc()).limit(limit)
    )
    return [BackupRow._make(row) for row in found]
