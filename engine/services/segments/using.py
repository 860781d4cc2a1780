"""Who uses a segment: other segments that name it in their rule, and flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.segment_figures import definitions_in_use
from crm_store.segments import SavedSegment, saved_segments
from engine.services.actor import Actor, may
from engine.services.segments.mentions import mentioned


@dataclass(frozen=True, slots=True)
class Users:
    """Names, in order; of flows that the one who asks may not read there is only how many."""

    segments: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    unnamed_flows: int = 0

    def __bool__(self) -> bool:
        return bool(self.segments or self.flows or self.unnamed_flows)

    def in_words(self) -> str:
        parts = [f'segment "{name}"' for name in self.segments]
        parts += [f'flow "{name}"' for name in self.flows]
        if self.unnamed_flows:
            parts.append(f"{self.unnamed_flows} flow{'s' if self.unnamed_flows > 1 else ''}")
        return ", ".join(parts)


async def users_of(session: AsyncSession, actor: Actor, name: str) -> Users:
    """Segments whose own rule names it, and flows of which a version in use does."""
    saved = await saved_segments(session)
    flows = {
        flow for flow, stored in await definitions_in_use(session) if name in mentioned(stored)
    }
    segments = {one.name for one in saved if name in mentioned(one.rule)}
    if not may(actor, "read", "flow"):
        return Users(tuple(sorted(segments)), unnamed_flows=len(flows))
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
