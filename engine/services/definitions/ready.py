"""The definitions that are shipped, to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from engine.definitions import DefinitionKind, Draft, read_definition

FOLDERS: Final[Mapping[DefinitionKind, str]] = {
    DefinitionKind.PIPELINE: "pipelines",
    DefinitionKind.APPROVAL: "approvals",
    DefinitionKind.ESCALATION: "escalations",
    DefinitionKind.ASSIGNMENT: "assignments",
}


@lru_cache(maxsize=4)
def ready_definitions(templates: Path) -> tuple[Draft, ...]:
    """By kind and name. `templates` is the folder that holds those of the kinds; raises
    DefinitionRefused for a file that is none."""
    return tuple(
        read_definition(file.read_text("utf-8"), file.name)
        for kind in DefinitionKind
        for file in sorted((templates / FOLDERS[kind]).glob("*.yaml"))
    )
