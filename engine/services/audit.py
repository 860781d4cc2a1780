"""Writing down who changed what, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.audit import add_audit_row, add_audit_rows
from engine.services.actor import Actor, ActorKind
from engine.services.door import DoorName, door


class Line(NamedTuple):
    """`before` and `after` hold plain JSON values and never a secret or its hash."""

    actor: Actor
    verb: str
    subject_kind: str
    subject_id: int | str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    why: str | None = None


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
    line = Line(actor, verb, subject_kind, subject_id, before, after, why)
    await add_audit_row(session, _row(line))


async def record_all(session: AsyncSession, lines: Sequence[Line]) -> None:
    """The same for many."""
    await add_audit_rows(session, [_row(line) for line in lines])


# Where no door has said its name: who may come through only one.
_DOOR_OF: Final[Mapping[ActorKind, DoorName]] = {
    "system": "system",
    "key": "api",
    "subject": "link",
}


def _row(line: Line) -> dict[str, Any]:
    here = door()
    name = here.name if here is not None else _DOOR_OF.get(line.actor.kind)
    return {
        "door": "import" if line.verb == "import" else name,
        "request_id": here.request_id if here is not None else None,
        "actor_kind": line.actor.kind,
        "actor_id": line.actor.id,
        "actor_name": line.actor.name,
        "verb": line.verb,
        "subject_kind": line.subject_kind,
        "subject_id": str(line.subject_id),
        "before": None if line.before is None else dict(line.before),
        "after": None if line.after is None else dict(line.after),
        "why": line.why,
    }
