"""Writing down who changed what, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.audit import add_audit_row
from engine.services.actor import Actor


async def record(
    session: AsyncSession,
    actor: Actor,
    verb: str,
    subject_kind: str,
    subject_id: int | str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str | None = None,
) -> None:
    """Add one row. `before` and `after` hold plain JSON values and never a secret or its hash."""
    await add_audit_row(
        session,
        {
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "verb": verb,
            "subject_kind": subject_kind,
            "subject_id": str(subject_id),
            "before": None if before is None else dict(before),
            "after": None if after is None else dict(after),
            "why": why,
        },
    )
