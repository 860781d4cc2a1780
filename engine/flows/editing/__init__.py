"""A flow while it is drawn: a document that may still be wrong, changed by small operations."""

from engine.flows.editing.applying import apply, exits_of
from engine.flows.editing.document import (
    DraftNode,
    Edge,
    FlowDocument,
    from_stored,
    from_written,
    new_document,
)
from engine.flows.editing.history import History
from engine.flows.editing.operations import Operation, OperationRefused, read_operations

__all__ = [
    "DraftNode",
    "Edge",
    "FlowDocument",
    "History",
    "Operation",
    "OperationRefused",
    "apply",
    "exits_of",
    "from_stored",
    "from_written",
    "new_document",
    "read_operations",
]
