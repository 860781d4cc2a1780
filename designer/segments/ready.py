"""Segments that come with Cadenza, to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class ReadySegment:
    name: str
    label: str
    label_zh: str | None
    rule: Any


@cache
def ready_segments(folder: Path) -> tuple[ReadySegment, ...]:
    """Those of a templates folder, by name."""
    found = []
    for path in sorted((folder / "segments").glob("*.yaml")):
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(
            ReadySegment(
                str(given.get("name", path.stem)),
                str(given["label"]),
                given.get("label_zh"),
                given["rule"],
            )
        )
    return tuple(found)
