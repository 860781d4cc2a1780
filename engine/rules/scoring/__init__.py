"""Scoring models: rules with points, fading, bounds, and bands whose borders raise events."""

from engine.rules.scoring.compiled import (
    CompiledModel,
    Part,
    Score,
    check_model,
    compile_model,
)
from engine.rules.scoring.model import Band, Decay, DecayKind, PointRule, ScoringModel
from engine.rules.scoring.problems import Code, ModelProblem, ModelRefused
from engine.rules.scoring.reading import from_document
from engine.rules.scoring.thresholds import SCORE_KIND, THRESHOLD_REACHED, Crossing, crossings

__all__ = [
    "SCORE_KIND",
    "THRESHOLD_REACHED",
    "Band",
    "Code",
    "CompiledModel",
    "Crossing",
    "Decay",
    "DecayKind",
    "ModelProblem",
    "ModelRefused",
    "Part",
    "PointRule",
    "Score",
    "ScoringModel",
    "check_model",
    "compile_model",
    "crossings",
    "from_document",
]
