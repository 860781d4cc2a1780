"""Signing secrets of subscriptions: what they are sealed for, and a receiver's own."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Final

_PREFIX: Final = "whsec_"
# What Standard Webhooks asks of a secret.
LEAST_BYTES, MOST_BYTES = 24, 64


def purpose_of(subscription_id: int) -> str:
    """A sealed secret opens for its own subscription and for nothing else."""
    return f"webhook:{subscription_id}"


def secret_problem(secret: str) -> str | None:
    """Why this cannot sign, as the rest of a sentence."""
    encoded = secret.removeprefix(_PREFIX)
    try:
        raw = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if encoded == secret or not LEAST_BYTES <= len(raw) <= MOST_BYTES:
        return f"write {_PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64"
    return None
