"""The saved segments as a process knows them: rules read once, and which events may change whom."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import custom_fields
from crm_store.models import SegmentKind
from crm_store.segments import SavedSegment, ShelfMark, saved_segments, shelf_mark
from engine.rules import STATIC_LIST, Catalogue, Rule, RuleRefused, parse
from engine.rules.flips import Flips, flips_of
from engine.services.custom_fields import catalogue_with
from engine.services.read_once import ReadOnce
from engine.services.segments.mentions import mentioned
from engine.services.segments.new_flips import Ticking, ticking_of
from engine.services.segments.reach import Reach, reach_of
from engine.services.segments.together import Together

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """A rule segment that can be asked."""

    id: int
    name: str
    rule: Rule
    flips: Flips
    document: object

    @property
    def stands_alone(self) -> bool:
        """Whether no other segment is written out in its rule."""
        return not mentioned(self.document)


@dataclass(frozen=True, slots=True)
class SegmentBook:
    """All segments at one moment. One whose rule cannot be read is in `broken` with the reason, and
    its members stay as they are.
    """

    mark: ShelfMark
    kept: Mapping[int, KeptSegment] = field(default_factory=dict)
    broken: Mapping[int, str] = field(default_factory=dict)
    documents: Mapping[str, object] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)
    ticking: Mapping[int, Ticking] = field(default_factory=dict)
    together: Together = field(default_factory=Together)


@dataclass(slots=True)
class SegmentShelf:
    """`book` costs one small query; rules are read again once a segment or custom field changed."""

    _book: SegmentBook | None = None
    _met: ReadOnce[SegmentBook] = field(default_factory=ReadOnce)

    async def known(self, session: AsyncSession) -> SegmentBook:
        """The book as this transaction has read it already, else as it is."""
        return self._met.in_transaction(session) or await self.book(session)

    async def book(self, session: AsyncSession) -> SegmentBook:
        mark = await shelf_mark(session)
        if self._book is None or not self._book.mark.is_same_shelf(mark):
            self._book = await _read(session, mark, self._book or SegmentBook(mark))
        elif self._book.mark != mark:
            self._book = replace(self._book, mark=mark)
        return self._met.keep(session, self._book)


async def _read(session: AsyncSession, mark: ShelfMark, known: SegmentBook) -> SegmentBook:
    """The book of today. Rules that nothing can have changed are taken from the one before."""
    saved = await saved_segments(session)
    same_fields = known.mark.custom_fields == mark.custom_fields
    documents = documents_of(saved)
    catalogue = catalogue_with(await custom_fields(session)).with_segments(documents)
    kept: dict[int, KeptSegment] = {}
    broken: dict[int, str] = {}
    for segment in saved:
        if segment.kind != SegmentKind.RULE:
            continue
        before = known.kept.get(segment.id)
        if before and same_fields and before.document == segment.rule and before.stands_alone:
            kept[segment.id] = before
            continue
        try:
            kept[segment.id] = kept_segment(segment.id, segment.name, segment.rule, catalogue)
        except (RuleRefused, RecursionError) as refused:
            log.warning("the rule of segment %s cannot be read: %s", segment.name, refused)
            broken[segment.id] = str(refused)
    reach = reach_of({id_: one.rule.reads for id_, one in kept.items()})
    together = known.together.changed_to({id_: one.rule for id_, one in kept.items()})
    ticking = {id_: ticking_of(one.flips.clocks) for id_, one in kept.items() if one.flips.clocks}
    return SegmentBook(mark, kept, broken, documents, reach, ticking, together)


def kept_segment(id_: int, name: str, document: object, catalogue: Catalogue) -> KeptSegment:
    """Raises RuleRefused."""
    rule = parse(document, catalogue, event_rule=False)
    return KeptSegment(id_, name, rule, flips_of(rule.root), document)


def documents_of(saved: list[SavedSegment]) -> dict[str, object]:
    """Segments by name as `member_of` looks them up."""
    return {one.name: STATIC_LIST if one.kind == SegmentKind.STATIC else one.rule for one in saved}
