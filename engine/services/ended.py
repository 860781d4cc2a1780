"""The end of an approval, as whoever asked for it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from engine.services.work import Work

EndState = Literal["approved", "rejected", "recalled", "timed_out", "cancelled"]


@dataclass(frozen=True, slots=True)
class Ended:
    """`by_ids` are those whose decisions led to it, in the order they gave them; `details` are what
    whoever asked gave along."""

    request_id: int
    subject_kind: str
    subject_id: int
    state: EndState
    by_ids: tuple[int, ...] = ()
    comment: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


# In the transaction that ends the request.
Ending: TypeAlias = "Callable[[Work, Ended], Awaitable[None]]"
