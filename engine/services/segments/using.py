"""Who uses a segment: other segments that name it in their rule, and flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.segment_figures import definitions_in_use
from crm_store.segments import SavedSegment, saved_segments
from engine.services.segments.mentions import mentioned


@dataclass(frozen=True, slots=True)
class Users:
    """Names, in order."""

    segments: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.segments or self.flows)

    def in_words(self) -> str:
        parts = [f'segment "{name}"' for name in self.segments]
        return ", ".join([*parts, *(f'flow "{name}"' for name in self.flows)])


async def users_of(session: AsyncSession, name: str) -> Users:
    """Segments whose own rule names it, and flows of which a version in use does."""
    saved = await saved_segments(session)
    flows = {
        flow for flow, stored in await definitions_in_use(session) if name in mentioned(stored)
    }
    segments = {one.name for one in saved if name in mentioned(one.rule)}
    return Users(tuple(sorted(segments)), tuple(sorted(flows)))


def built_on(name: str, saved: Iterable[SavedSegment]) -> frozenset[str]:
    """The segments whose members follow from this one's, at any number of removes."""
    names = {one.name: mentioned(one.rule) for one in saved}
    found: set[str] = set()
    ahead = [name]
    while ahead:
        here = ahead.pop()
        more = _naming(here, names) - found
        found |= more
        ahead.extend(more)
    return frozenset(found - {name})


def _naming(name: str, names: Mapping[str, frozenset[str]]) -> set[str]:
    return {other for other, mentions in names.items() if name in mentions}
