"""Definitions and their published versions, as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Definition, DefinitionState, DefinitionVersion, Flow, User


class StoredVersion(NamedTuple):
    id: int
    kind: str
    name: str
    label: str
    number: int
    hash: str
    document: dict[str, Any]


class DefinitionLine(NamedTuple):
    kind: str
    name: str
    label: str
    label_zh: str | None
    state: str
    number: int
    versions: int
    published_at: datetime
    published_by: str | None


class VersionLine(NamedTuple):
    id: int
    number: int
    hash: str
    label: str
    note: str | None
    published_at: datetime
    published_by: str | None
    is_current: bool


async def locked_definition(
    session: AsyncSession, kind: str, name: str, label: str, now: datetime
) -> Definition:
    """The definition of this name, made if there is none; nobody else publishes it meanwhile."""
    values = {
        "kind": kind,
        "name": name,
        "label": label,
        "state": DefinitionState.ACTIVE,
        "created_at": now,
        "updated_at": now,
    }
    made = insert(Definition).values(values)
    await session.execute(made.on_conflict_do_nothing(index_elements=["kind", "name"]))
    found = await definition_named(session, kind, name, lock=True)
    if found is None:
        raise LookupError(f"{kind} {name} was deleted while it was being published")
    return found


async def definition_named(
    session: AsyncSession, kind: str, name: str, *, lock: bool = False
) -> Definition | None:
    wanted = select(Definition).where(Definition.kind == kind, Definition.name == name)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(wanted)


async def current_version_id(session: AsyncSession, kind: str, name: str) -> int | None:
    """None for a definition that does not exist, or is retired."""
    return await session.scalar(
        select(Definition.current_version_id).where(
            Definition.kind == kind,
            Definition.name == name,
            Definition.state == DefinitionState.ACTIVE,
        )
    )


def _stored() -> Select[int, str, str, str, int, str, dict[str, Any]]:
    return select(
        DefinitionVersion.id,
        Definition.kind,
        Definition.name,
        DefinitionVersion.label,
        DefinitionVersion.number,
        DefinitionVersion.hash,
        DefinitionVersion.document,
    ).join(Definition, Definition.id == DefinitionVersion.definition_id)


async def versions_by_id(
    session: AsyncSession, version_ids: Collection[int]
) -> dict[int, StoredVersion]:
    found = await session.execute(_stored().where(DefinitionVersion.id.in_(version_ids)))
    return {row[0]: StoredVersion._make(row) for row in found}


async def version_numbered(
    session: AsyncSession, definition_id: int, number: int
) -> DefinitionVersion | None:
    return await session.scalar(
        select(DefinitionVersion).where(
            DefinitionVersion.definition_id == definition_id, DefinitionVersion.number == number
        )
    )


async def version_with_hash(
    session: AsyncSession, definition_id: int, hash_: str
) -> DefinitionVersion | None:
    return await session.scalar(
        select(DefinitionVersion).where(
            DefinitionVersion.definition_id == definition_id, DefinitionVersion.hash == hash_
        )
    )


async def version_by_id(session: AsyncSession, version_id: int) -> DefinitionVersion | None:
    return await session.get(DefinitionVersion, version_id)


async def add_version(session: AsyncSession, values: Mapping[str, Any]) -> DefinitionVersion:
    """A version with the next number; whoever calls holds the definition's row."""
    highest = select(func.coalesce(func.max(DefinitionVersion.number), 0)).where(
        DefinitionVersion.definition_id == values["definition_id"]
    )
    number = int((await session.execute(highest)).scalar_one()) + 1
    version = DefinitionVersion(**values, number=number)
    session.add(version)
    await session.flush()
    return version


async def definition_names(session: AsyncSession) -> dict[str, frozenset[str]]:
    """By kind, the names of those that are not retired."""
    found = await session.execute(
        select(Definition.kind, func.array_agg(Definition.name))
        .where(
            Definition.state == DefinitionState.ACTIVE, Definition.current_version_id.is_not(None)
        )
        .group_by(Definition.kind)
    )
    return {kind: frozenset(names) for kind, names in found}


async def definition_lines(session: AsyncSession, kinds: Collection[str]) -> list[DefinitionLine]:
    """By kind and name, retired ones too."""
    counted = (
        select(func.count())
        .select_from(DefinitionVersion)
        .where(DefinitionVersion.definition_id == Definition.id)
        .correlate(Definition)
        .scalar_subquery()
    )
    found = await session.execute(
        select(
            Definition.kind,
            Definition.name,
            Definition.label,
            DefinitionVersion.document["label_zh"].astext,
            Definition.state,
            DefinitionVersion.number,
            counted,
            DefinitionVersion.published_at,
            User.name,
        )
        .join(DefinitionVersion, DefinitionVersion.id == Definition.current_version_id)
        .outerjoin(User, User.id == DefinitionVersion.published_by)
        .where(Definition.kind.in_(kinds))
        .order_by(Definition.kind, Definition.name)
    )
    return [DefinitionLine._make(row) for row in found]


async def version_lines(session: AsyncSession, definition: Definition) -> list[VersionLine]:
    """Newest first."""
    found = await session.execute(
        select(
            DefinitionVersion.id,
            DefinitionVersion.number,
            DefinitionVersion.hash,
            DefinitionVersion.label,
            DefinitionVersion.note,
            DefinitionVersion.published_at,
            User.name,
        )
        .outerjoin(User, User.id == DefinitionVersion.published_by)
        .where(DefinitionVersion.definition_id == definition.id)
        .order_by(DefinitionVersion.number.desc())
    )
    at = definition.current_version_id
    return [VersionLine(row[0], *row[1:], is_current=row[0] == at) for row in found]


async def flow_names(session: AsyncSession) -> list[str]:
    """Every flow that was ever made: a definition may name one that is not published yet."""
    return list(await session.scalars(select(Flow.name)))
