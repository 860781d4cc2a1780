"""The words for things, with times on the reader's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.local_time import local
from engine.rules.wording.nouns import Nouns


@dataclass(frozen=True, slots=True)
class LocalNouns(Nouns):
    zone: str = "UTC"

    def literal(self, value: Any) -> str:
        if isinstance(value, datetime):
            wall = local(value, self.zone)
            return f"{wall:%Y-%m-%d %H:%M}" + (" UTC" if self.zone == "UTC" else "")
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        # dataclass slots leave no way to write super() without arguments
        return Nouns.literal(self, value)
