"""One operation of the API, as the walk through roles and scopes knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.services.people import ROLES

EVERYBODY = tuple(ROLES)
KEEPERS = tuple(role for role in ROLES if role != "viewer")


@dataclass(frozen=True)
class Operation:
    """`needs` are the scopes without one of which it is refused; `roles` may do it."""

    id: str
    method: str
    path: str
    needs: tuple[str, ...]
    roles: tuple[str, ...] = EVERYBODY
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    changes: bool = False
