"""Other systems report what happened: their sources, and the door they come in by."""

from engine.services.hooks.receiving import HookIntake, Received
from engine.services.hooks.schemes import OWN_HEADER, SIGNATURES, Signature
from engine.services.hooks.sources import (
    KnownSource,
    NewSource,
    add_source,
    list_sources,
    read_source,
    remove_source,
    rotate_source,
    set_active,
    set_mapping,
)
from engine.services.hooks.trying import Tried, TriedDocument, try_mapping
from engine.services.hooks.verifying import BadSignature

__all__ = [
    "OWN_HEADER",
    "SIGNATURES",
    "BadSignature",
    "HookIntake",
    "KnownSource",
    "NewSource",
    "Received",
    "Signature",
    "Tried",
    "TriedDocument",
    "add_source",
    "list_sources",
    "read_source",
    "remove_source",
    "rotate_source",
    "set_active",
    "set_mapping",
    "try_mapping",
]
