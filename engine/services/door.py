"""Through which door somebody came, in which request, and who: for the audit.

Doors say it once at their edge (`through`); whoever writes something down reads it here, so that no
service hands it on.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from engine.services.actor import Actor

DoorName = Literal["page", "api", "cli", "link", "import", "system"]
DOORS: Final[tuple[DoorName, ...]] = get_args(DoorName)


@dataclass(frozen=True, slots=True)
class Door:
    """`actor` is None where the door does not know who came, or only later."""

    name: DoorName
    request_id: str | None = None
    actor: Actor | None = None


_door: ContextVar[Door | None] = ContextVar("door", default=None)


def door() -> Door | None:
    """None where nobody said: the door then follows from who acts."""
    return _door.get()


@contextmanager
def through(name: DoorName, request_id: str | None = None) -> Iterator[None]:
    """Whatever is written down inside came through this door."""
    token = _door.set(Door(name, request_id))
    try:
        yield
    finally:
        _door.reset(token)


def came_through(
    name: DoorName, request_id: str | None = None, *, actor: Actor | None = None
) -> None:
    """The same until the end of the task, where a deed is no block. A page's deeds are requests
    that have no number of their own, so they get one."""
    _door.set(Door(name, request_id or uuid.uuid4().hex, actor))


def acts_as(actor: Actor) -> None:
    """Until the end of the task this is who came, through the door that was said before."""
    here = _door.get()
    if here is not None:
        _door.set(replace(here, actor=actor))
