"""The saved models as a process knows them: rules read once, and which events may change whom."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import custom_fields
from crm_store.scores import ModelsMark, SavedModel, models_mark, saved_models
from engine.rules import Catalogue, Reads, union
from engine.rules.scoring import CompiledModel, ModelRefused, compile_model, from_document
from engine.services.custom_fields import catalogue_with
from engine.services.read_once import ReadOnce
from engine.services.scoring.circles import circles
from engine.services.segments.reach import Reach, reach_of
from engine.services.segments.shelf import SegmentBook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model that can be asked."""

    saved: SavedModel
    compiled: CompiledModel


@dataclass(frozen=True, slots=True)
class ScoreBook:
    """All models at one moment; one whose rules cannot be read any more keeps its scores as they
    are, with the reason in `broken`.
    """

    kept: Mapping[int, KeptModel] = field(default_factory=dict)
    broken: Mapping[int, str] = field(default_factory=dict)
    reach: Reach = field(default_factory=Reach)

    @property
    def reads(self) -> Reads:
        return union(model.compiled.reads for model in self.kept.values())


@dataclass(slots=True)
class ScoreShelf:
    """`book` costs one small query; models are read again once a model, segment or custom field
    changed. Segments may stand in their rules.
    """

    _known: tuple[ModelsMark, SegmentBook, ScoreBook] | None = None
    _met: ReadOnce[ScoreBook] = field(default_factory=ReadOnce)

    async def known(self, session: AsyncSession, segments: SegmentBook) -> ScoreBook:
        """The book as this transaction has read it already, else as it is."""
        return self._met.in_transaction(session) or await self.book(session, segments)

    async def book(self, session: AsyncSession, segments: SegmentBook) -> ScoreBook:
        mark = await models_mark(session)
        known = self._known
        if known is None or known[0] != mark or not known[1].mark.is_same_shelf(segments.mark):
            self._known = known = (mark, segments, await _read(session, segments))
        return self._met.keep(session, known[2])


async def _read(session: AsyncSession, segments: SegmentBook) -> ScoreBook:
    saved = await saved_models(session)
    if not saved:
        return ScoreBook()
    fields = await custom_fields(session)
    catalogue = catalogue_with(fields).with_segments(segments.documents)
    kept: dict[int, KeptModel] = {}
    broken: dict[int, str] = {}
    for one in saved:
        try:
            model = compiled(one.document, catalogue)
        except (ModelRefused, RecursionError) as refused:
            log.warning("scoring model %s cannot be read: %s", one.name, refused)
            broken[one.id] = str(refused)
            continue
        # a segment that it reads may have been edited since it was saved
        if problems := circles(model):
            log.warning("scoring model %s reads itself: %s", one.name, problems)
            broken[one.id] = "; ".join(f"{at.place}: {at.message}" for at in problems)
            continue
        kept[one.id] = KeptModel(one, model)
    reach = reach_of({id_: model.compiled.reads for id_, model in kept.items()})
    return ScoreBook(kept, broken, reach)


def compiled(document: object, catalogue: Catalogue) -> CompiledModel:
    """Raises ModelRefused."""
    return compile_model(from_document(document), catalogue)
