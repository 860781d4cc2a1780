"""What has to be there before the first line: a mapping, custom fields, a pipeline, roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import imports as rows
from engine.errors import Problem, Refused
from engine.rules.fact import RecordKind as RuleRecord
from engine.rules.types import Type
from engine.services.actor import Actor, allowed
from engine.services.custom_fields import (
    RECORDS,
    DefinedField,
    define_custom_field,
    list_custom_fields,
)
from engine.services.imports.kinds.base import RecordKind
from engine.services.imports.mapping import FieldSource, KindName, PipelineGiven
from engine.services.imports.mapping import Mapping as MappingFile
from engine.services.people import ensure_roles

_RULE_RECORDS: Final[Mapping[str, RuleRecord]] = {record: record for record in RECORDS}


@dataclass(frozen=True, slots=True)
class Prepared:
    """`stages` by id, `stage_ids` by folded key and label."""

    custom: Sequence[DefinedField]
    stages: Mapping[int, Any]
    stage_ids: Mapping[str, int]


def mapping_from_header(kind: RecordKind, header: Sequence[str]) -> MappingFile:
    """Columns named like fields, for files that need no mapping file."""
    fields: dict[str, FieldSource] = {}
    for column in header:
        name = "_".join(column.casefold().replace("-", " ").split())
        if name in kind.fields or name.startswith("custom."):
            fields.setdefault(name, FieldSource(column=column))
    if not fields:
        raise Refused(
            f"No column of the file is named like a field of {kind.name} "
            f"({', '.join(kind.fields)}). Write a mapping file that says which is which."
        )
    name_of_kind: KindName = kind.name
    return MappingFile(kind=name_of_kind, fields=fields)


async def prepare(
    session: AsyncSession, actor: Actor, mapping: MappingFile, kind: RecordKind
) -> Prepared:
    if kind.noun == "user" or any(_target(kind, name) == "user" for name in mapping.fields):
        await ensure_roles(session)
    _may_create(actor, mapping, kind)
    custom = await _custom_fields(session, actor, mapping, kind)
    if kind.noun != "deal":
        return Prepared(custom, {}, {})
    stages = await _stages(session, actor, mapping.pipeline, mapped="stage" in mapping.fields)
    ids = {stage.label.casefold(): stage.id for stage in stages}
    ids |= {stage.key.casefold(): stage.id for stage in stages}
    return Prepared(custom, {stage.id: stage for stage in stages}, ids)


def _may_create(actor: Actor, mapping: MappingFile, kind: RecordKind) -> None:
    """Records made on the way need the same permission as a file of them."""
    for name, source in mapping.fields.items():
        if source.missing == "create" and _target(kind, name) is not None:
            allowed(actor, "import", "account" if _target(kind, name) == "account" else "user")


def _target(kind: RecordKind, name: str) -> str | None:
    field = kind.fields.get(name)
    return field.target.table if field and field.target else None


async def _custom_fields(
    session: AsyncSession, actor: Actor, mapping: MappingFile, kind: RecordKind
) -> Sequence[DefinedField]:
    if kind.noun not in _RULE_RECORDS:
        return []
    record = _RULE_RECORDS[kind.noun]
    for given in mapping.custom_fields:
        field = DefinedField(
            record, given.key, Type(given.type), given.label, given.label_zh, tuple(given.values)
        )
        await define_custom_field(session, actor, field)
    return await list_custom_fields(session, record)


async def _stages(
    session: AsyncSession, actor: Actor, given: PipelineGiven | None, *, mapped: bool
) -> Sequence[Any]:
    keys = await rows.pipeline_keys(session)
    if given is not None and given.key not in keys:
        if not given.stages:
            known = ", ".join(keys) or "none yet"
            message = f'there is no pipeline "{given.key}" (there is: {known}); list its stages.'
            raise Refused("The mapping does not fit:", [Problem("pipeline", "unknown", message)])
        allowed(actor, "manage", "deal")
        stages = [stage.model_dump() for stage in given.stages]
        await rows.make_pipeline(session, given.key, given.label or given.key, stages)
        keys = [*keys, given.key]
    if given is None and len(keys) != 1 and mapped:
        said = f"there are several ({', '.join(keys)})" if keys else "there is none yet"
        message = f'say which "pipeline" the deals go to: {said}.'
        raise Refused("The mapping does not fit:", [Problem("pipeline", "unsaid", message)])
    return await rows.stages_of(session, given.key if given else None)
