"""Definitions as they are kept: what holds now, and what held when something began.

Publishing stands beside (`publishing`), because it calls what the kinds want done with it.
"""

from crm_store.definitions import DefinitionLine
from engine.services.definitions.kept import (
    Stored,
    current,
    list_definitions,
    stored,
    stored_many,
    versions,
)

__all__ = [
    "DefinitionLine",
    "Stored",
    "current",
    "list_definitions",
    "stored",
    "stored_many",
    "versions",
]
