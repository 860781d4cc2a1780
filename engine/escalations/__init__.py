"""What an escalation policy is: levels, duty rotations, repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.escalations.checks import check_policy
from engine.escalations.policy import Policy, read_policy


class EscalationKind:
    """How policies are read and checked."""

    kind = DefinitionKind.ESCALATION

    def model(self, document: Mapping[str, Any], problems: list[Problem]) -> Policy | None:
        return read_policy(document, problems)

    def check(self, model: Policy, world: World) -> Sequence[Problem]:
        return check_policy(model, world)


KIND = EscalationKind()
