"""A value that a step works out from facts, made ready with the plan of its flow."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from engine.rules import Facts, Reads


class Formula(Protocol):
    @property
    def reads(self) -> Reads:
        """What must be loaded for it."""
        ...

    def value(self, facts: Facts, now: datetime, zone: str) -> Any:
        """Raises `CannotCompute` of engine.rules.expressions when these facts give none."""
        ...
