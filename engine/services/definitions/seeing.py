"""One definition as people look at it: its text, and its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import definitions as rows
from engine.definitions import DefinitionKind
from engine.services.actor import Actor, allowed
from engine.services.definitions.kept import nothing_named


@dataclass(frozen=True, slots=True)
class DefinitionSeen:
    """`number`, `label`, `source` and `document` are those of the version in force; `versions` are
    newest first."""

    kind: DefinitionKind
    name: str
    state: str
    number: int
    label: str
    source: str
    document: Mapping[str, Any]
    versions: Sequence[rows.VersionLine]


async def see_definition(
    session: AsyncSession, actor: Actor, kind: DefinitionKind, name: str
) -> DefinitionSeen:
    """Raises NotFound."""
    allowed(actor, "read", kind.value)
    record = await rows.definition_named(session, kind.value, name)
    at = record.current_version_id if record else None
    version = await rows.version_by_id(session, at) if at is not None else None
    if record is None or version is None:
        raise nothing_named(kind, name)
    return DefinitionSeen(
        kind,
        name,
        record.state,
        version.number,
        version.label,
        version.source,
        version.document,
        await rows.version_lines(session, record),
    )
