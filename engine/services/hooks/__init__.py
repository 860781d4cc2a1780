"""Other systems report what happened: their sources, and the door they come in by."""

from engine.services.hooks.receiving import HookIntake, Received
from engine.services.hooks.sources import (
    KnownSource,
    NewSource,
    add_source,
    list_sources,
    remove_source,
    rotate_source,
    set_active,
)
from engine.services.hooks.verifying import BadSignature

__all__ = [
    "BadSignature",
    "HookIntake",
    "KnownSource",
    "NewSource",
    "Received",
    "add_source",
    "list_sources",
    "remove_source",
    "rotate_source",
    "set_active",
]
