"""Secrets that are shared with other systems: sealed before they are stored, named by flows."""

from engine.services.secrets.keeping import (
    KnownSecret,
    list_secrets,
    new_signing_secret,
    opened_secrets,
    remove_secret,
    set_secret,
)
from engine.services.secrets.sealing import SecretBox, Unreadable, box_of

__all__ = [
    "KnownSecret",
    "SecretBox",
    "Unreadable",
    "box_of",
    "list_secrets",
    "new_signing_secret",
    "opened_secrets",
    "remove_secret",
    "set_secret",
]
