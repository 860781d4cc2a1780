"""What becomes of a call: an answer, or one of three ways in which there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """`body` holds the first bytes of the answer only when `cut`; names of `headers` are lower."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class OutgoingError(Exception):
    """`code` is stable; `reason` is a short sentence without anything that was sent."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


class NotAllowed(OutgoingError):
    """The settings do not let us call there; nothing was sent, and trying again is in vain."""


class NotSent(OutgoingError):
    """Certainly not received: nobody could be reached. Later it may succeed."""


class NoAnswer(OutgoingError):
    """It was, or may have been, received; the answer did not come or could not be read."""
