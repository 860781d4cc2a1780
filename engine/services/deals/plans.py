"""Pipelines as a process knows them, ready to ask: compiled once a version and catalogue."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from engine.definitions import DefinitionKind
from engine.pipelines import PipelineModel, PipelinePlan, compile_pipeline
from engine.rules import Catalogue
from engine.services.definitions import stored_many

if TYPE_CHECKING:
    from engine.services.work import Work

_MOST_KEPT: Final = 500
# Each database has versions of its own.
_Kept = dict[int, tuple[Catalogue, PipelinePlan]]
_KEPT: Final[WeakKeyDictionary[Engine | Connection, _Kept]] = WeakKeyDictionary()


async def plans_of(work: Work, version_ids: Collection[int | None]) -> dict[int, PipelinePlan]:
    """Plans by version; None, and what is no version of a pipeline, is left out."""
    wanted = {one for one in version_ids if one is not None}
    if not wanted:
        return {}
    catalogue = await work.catalogue()
    kept = _KEPT.setdefault(work.session.get_bind(), {})
    for version_id, stored in (await stored_many(work.session, wanted)).items():
        known = kept.get(version_id)
        if known is not None and (known[0] is catalogue or known[0] == catalogue):
            continue
        if stored.kind is DefinitionKind.PIPELINE and isinstance(stored.model, PipelineModel):
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[version_id] = catalogue, compile_pipeline(stored.model, catalogue)
    return {one: kept[one][1] for one in wanted if one in kept}
