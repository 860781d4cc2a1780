"""A flow while it is drawn: a document that may still be wrong, changed by small operations."""

from engine.flows.editing.applying import apply, exits_of
from engine.flows.editing.asking import (
    TRIGGER,
    free_name,
    new_names,
    placed,
    read_asked,
    steps_written,
)
from engine.flows.editing.document import (
    DraftNode,
    Edge,
    FlowDocument,
    from_stored,
    from_written,
    new_document,
)
from engine.flows.editing.history import History
from engine.flows.editing.operations import (
    Operation,
    OperationRefused,
    Paste,
    read_operations,
)
from engine.flows.editing.rearranged import rearranged
from engine.flows.editing.touching import touched

__all__ = [
    "TRIGGER",
    "DraftNode",
    "Edge",
    "FlowDocument",
    "History",
    "Operation",
    "OperationRefused",
    "Paste",
    "apply",
    "exits_of",
    "free_name",
    "from_stored",
    "from_written",
    "new_document",
    "new_names",
    "placed",
    "read_asked",
    "read_operations",
    "rearranged",
    "steps_written",
    "touched",
]
