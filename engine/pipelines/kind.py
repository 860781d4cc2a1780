"""Pipelines as a kind of definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.pipelines.checks import shape_problems, surroundings_problems, warnings_of
from engine.pipelines.model import PipelineModel
from engine.pipelines.reading import read_pipeline


@dataclass(frozen=True, slots=True)
class PipelineKind:
    """How `pipeline: <name>` is read and checked."""

    kind: DefinitionKind = DefinitionKind.PIPELINE

    def model(self, document: Mapping[str, Any], problems: list[Problem]) -> PipelineModel | None:
        return read_pipeline(document, problems)

    def check(self, model: PipelineModel, world: World) -> Sequence[Problem]:
        return shape_problems(model) or surroundings_problems(model, world)

    def warnings(self, model: PipelineModel, world: World) -> Sequence[Problem]:  # noqa: ARG002
        """What stops nobody and may be meant."""
        return warnings_of(model)


KIND = PipelineKind()
