"""What asking for a move of a deal is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from engine.errors import Problem

# Through which door a deal is moved. "pipeline": a new version of it left the deal's stage out.
Via: TypeAlias = Literal["board", "api", "flow", "import", "clock", "approval", "pipeline"]


@dataclass(frozen=True, slots=True)
class Moved:
    """The deal stands on `stage` now. `already`: it stood there before, and nothing was done."""

    deal_id: int
    from_stage: str
    stage: str
    already: bool = False


@dataclass(frozen=True, slots=True)
class MoveRefused:
    """The deal stays on `stage`. Places are JSON pointers into what was asked: "/fields/amount",
    "/to", "/lost_reason"; "" concerns the move as a whole."""

    deal_id: int
    stage: str | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class AwaitingApproval:
    """The deal stays on `stage` until the request is decided. `already`: it was asked before."""

    deal_id: int
    stage: str
    to_stage: str
    request_id: int
    already: bool = False


MoveAnswer: TypeAlias = Moved | MoveRefused | AwaitingApproval


@dataclass(frozen=True, slots=True)
class WantedMove:
    """One deal's move among many. `fields` are written with it. `from_stage` is where the asker saw
    the deal; a deal that stands elsewhere by now is not moved."""

    deal_id: int
    to_stage: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    lost_reason: str | None = None
    from_stage: str | None = None
