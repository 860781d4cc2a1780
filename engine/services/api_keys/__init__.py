"""Keys with which programs act for a person, within that person's role and the key's scopes."""

from engine.services.api_keys.keys import (
    KnownApiKey,
    NewApiKey,
    create_api_key,
    list_api_keys,
    revoke_api_key,
    rotate_api_key,
)
from engine.services.api_keys.lookup import ApiKeys, Caller
from engine.services.api_keys.scopes import permissions_of, read_scopes

__all__ = [
    "ApiKeys",
    "Caller",
    "KnownApiKey",
    "NewApiKey",
    "create_api_key",
    "list_api_keys",
    "permissions_of",
    "read_scopes",
    "revoke_api_key",
    "rotate_api_key",
]
