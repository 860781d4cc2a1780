"""One line of undo for everything that is done to a drawn flow, on the canvas or in a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.flows.editing.applying import apply
from engine.flows.editing.document import FlowDocument, Kinds
from engine.flows.editing.operations import Operation

MOST_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class History:
    """Documents share what did not change, so that keeping whole ones costs little."""

    now: FlowDocument
    past: tuple[FlowDocument, ...] = ()
    future: tuple[FlowDocument, ...] = ()

    def done(self, operations: Sequence[Operation], kinds: Kinds) -> History:
        """After a batch, which is one step of undo. Raises OperationRefused, and then nothing of it
        was done."""
        document = self.now
        for operation in operations:
            document = apply(document, operation, kinds)
        if document == self.now:
            return self
        return History(document, (*self.past, self.now)[-MOST_STEPS:])

    def undone(self) -> History:
        if not self.past:
            return self
        return replace(
            self, now=self.past[-1], past=self.past[:-1], future=(self.now, *self.future)
        )

    def redone(self) -> History:
        if not self.future:
            return self
        return replace(
            self, now=self.future[0], past=(*self.past, self.now), future=self.future[1:]
        )
