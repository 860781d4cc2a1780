"""What a pipeline is: stages with clocks, the moves between them, and what they demand."""

from engine.pipelines.compiled import Gate, PipelinePlan, StagePlan, Way, compile_pipeline
from engine.pipelines.fields import DealView
from engine.pipelines.kind import KIND
from engine.pipelines.model import PipelineModel, StageModel, TransitionModel

__all__ = [
    "KIND",
    "DealView",
    "Gate",
    "PipelineModel",
    "PipelinePlan",
    "StageModel",
    "StagePlan",
    "TransitionModel",
    "Way",
    "compile_pipeline",
]
