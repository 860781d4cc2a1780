"""Who gets a new contact, deal or ticket: rules in order, and a fair choice of one of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.assignment.checks import check_assignment, overlaps
from engine.assignment.choosing import Chosen, PassedOver, Round, Sought, Why, Work, choose
from engine.assignment.desk import Decided, Desk, Tried, local_day
from engine.assignment.model import (
    HEAD,
    Assignment,
    AssignmentRule,
    By,
    IfNobody,
    Otherwise,
    Target,
    To,
    Wanted,
)
from engine.assignment.reading import read_assignment
from engine.assignment.routing import Route, Routes, routes_of
from engine.definitions import DefinitionKind, World
from engine.errors import Problem


@dataclass(frozen=True, slots=True)
class AssignmentKind:
    """How `assignment: <name>` is read and checked."""

    kind: DefinitionKind = DefinitionKind.ASSIGNMENT

    def model(self, document: Mapping[str, Any], problems: list[Problem]) -> Assignment | None:
        return read_assignment(document, problems)

    def check(self, model: Any, world: World) -> Sequence[Problem]:
        return check_assignment(model, world)


KIND = AssignmentKind()

__all__ = [
    "HEAD",
    "KIND",
    "Assignment",
    "AssignmentRule",
    "By",
    "Chosen",
    "Decided",
    "Desk",
    "IfNobody",
    "Otherwise",
    "PassedOver",
    "Round",
    "Route",
    "Routes",
    "Sought",
    "Target",
    "To",
    "Tried",
    "Wanted",
    "Why",
    "Work",
    "choose",
    "local_day",
    "overlaps",
    "read_assignment",
    "routes_of",
]
