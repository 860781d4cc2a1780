"""Reading published definitions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import definitions as rows
from engine.definitions import DefinitionKind
from engine.definitions_known import KINDS
from engine.errors import NotFound, Problem, Unavailable
from engine.services.actor import Actor, allowed, may

# Some hundred definitions times the versions that something still lives by.
_MOST_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A published version. `model` is what the kind's own `model` made of the document."""

    kind: DefinitionKind
    name: str
    label: str
    version_id: int
    number: int
    hash: str
    document: Mapping[str, Any]
    model: Any


# A version never changes, so whoever has read it once keeps it; each database has its own ids.
_KEPT: Final[WeakKeyDictionary[Engine | Connection, dict[int, Stored]]] = WeakKeyDictionary()


async def stored(session: AsyncSession, version_id: int) -> Stored:
    """A version by its id. Raises NotFound."""
    found = await stored_many(session, [version_id])
    if version_id not in found:
        raise NotFound(f"There is no published version {version_id} of a definition.")
    return found[version_id]


async def stored_many(session: AsyncSession, version_ids: Collection[int]) -> dict[int, Stored]:
    """Versions by id; those that do not exist are left out. No statement for what is known."""
    kept = _KEPT.setdefault(session.get_bind(), {})
    missing = {one for one in version_ids if one not in kept}
    if missing:
        if len(kept) + len(missing) > _MOST_KEPT:
            kept.clear()
            missing = set(version_ids)
        for row in (await rows.versions_by_id(session, missing)).values():
            kept[row.id] = _read(row)
    return {one: kept[one] for one in version_ids if one in kept}


async def current(session: AsyncSession, kind: DefinitionKind, name: str) -> Stored | None:
    """What begins from now on; None for a name that nobody published, or that is retired."""
    version_id = await rows.current_version_id(session, kind.value, name)
    return None if version_id is None else await stored(session, version_id)


async def list_definitions(
    session: AsyncSession, actor: Actor, kind: DefinitionKind | None = None
) -> list[rows.DefinitionLine]:
    """All of a kind, or of every kind this actor may read, retired ones too."""
    if kind is not None:
        allowed(actor, "read", kind.value)
    wanted = (kind,) if kind else tuple(DefinitionKind)
    readable = [one.value for one in wanted if may(actor, "read", one.value)]
    return await rows.definition_lines(session, readable)


async def versions(
    session: AsyncSession, actor: Actor, kind: DefinitionKind, name: str
) -> list[rows.VersionLine]:
    """Newest first. Raises NotFound."""
    allowed(actor, "read", kind.value)
    definition = await rows.definition_named(session, kind.value, name)
    if definition is None:
        raise nothing_named(kind, name)
    return await rows.version_lines(session, definition)


def nothing_named(kind: DefinitionKind, name: str) -> NotFound:
    return NotFound(f'There is no {kind.spoken} "{name[:63]}".')


def _read(row: rows.StoredVersion) -> Stored:
    kind = DefinitionKind(row.kind)
    problems: list[Problem] = []
    known = KINDS.get(kind)
    model = known.model(row.document, problems) if known else None
    if model is None:
        said = f" ({problems[0]})" if problems else ""
        raise Unavailable(
            f'This release cannot read version {row.number} of the {kind.spoken} "{row.name}"'
            f"{said}. Run the release that published it, or publish it again."
        )
    return Stored(kind, row.name, row.label, row.id, row.number, row.hash, row.document, model)
