"""Approval chains as a kind of definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.approvals.checks import check_chain
from engine.approvals.model import Chain
from engine.approvals.written import read_chain
from engine.definitions import DefinitionKind, World
from engine.errors import Problem


class ApprovalChains:
    @property
    def kind(self) -> DefinitionKind:
        return DefinitionKind.APPROVAL

    def model(self, document: Mapping[str, Any], problems: list[Problem]) -> Chain | None:
        return read_chain(document, problems)

    def check(self, model: Any, world: World) -> Sequence[Problem]:
        return check_chain(model, world)


KIND = ApprovalChains()
