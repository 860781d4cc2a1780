"""What may be meant, and looks like a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.errors import Problem
from engine.flows.problems import shown
from engine.pipelines.model import PipelineModel


def warnings_of(model: PipelineModel) -> list[Problem]:
    """They stop nobody."""
    return [*_probabilities(model), *_categories(model)]


def _probabilities(model: PipelineModel) -> Iterator[Problem]:
    stages = [(at, stage) for at, stage in enumerate(model.stages) if stage.is_open]
    for at, stage in stages:
        if stage.probability is None:
            words = f"{shown(stage.key)} has no probability, so its deals count for nothing."
            yield Problem(f"/stages/{at}", "no_probability", words)
    for (_, before), (at, stage) in pairwise(stages):
        if stage.probability_percent < before.probability_percent:
            words = (
                f"{shown(stage.key)} is less likely to be won ({stage.probability_percent} %) than "
                f"{shown(before.key)} before it ({before.probability_percent} %)."
            )
            yield Problem(f"/stages/{at}/probability", "probability_falls", words)


def _categories(model: PipelineModel) -> Iterator[Problem]:
    for at, stage in enumerate(model.stages):
        if stage.is_open == (stage.forecast_category == "closed"):
            words = f"{shown(stage.key)} is {stage.kind}, but counts as {stage.forecast_category}."
            if stage.kind != "lost":
                yield Problem(f"/stages/{at}/forecast", "odd_category", words)
