"""Sources of events: how their documents are read, and trying that on a sample."""

from engine.services.sources.converting import CONVERTS, MONEY, Convert
from engine.services.sources.mapping import (
    IDENTITIES,
    WHOLE,
    Mapping,
    Value,
    mapping_from,
    mapping_stored,
    plain_path,
)

__all__ = [
    "CONVERTS",
    "IDENTITIES",
    "MONEY",
    "WHOLE",
    "Convert",
    "Mapping",
    "Value",
    "mapping_from",
    "mapping_stored",
    "plain_path",
]
