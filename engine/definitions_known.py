"""Every kind of definition: a package for each, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.approvals import KIND as APPROVAL
from engine.assignment import KIND as ASSIGNMENT
from engine.definitions import DefinitionKind, KindOfDefinition
from engine.escalations import KIND as ESCALATION
from engine.pipelines import KIND as PIPELINE

_KNOWN: Final[tuple[KindOfDefinition, ...]] = (APPROVAL, ASSIGNMENT, ESCALATION, PIPELINE)

KINDS: Final[Mapping[DefinitionKind, KindOfDefinition]] = {one.kind: one for one in _KNOWN}
