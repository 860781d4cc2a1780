"""What is wrong with a pipeline that could be read: by itself, and as the world is now."""

from engine.pipelines.checks.shape import shape_problems
from engine.pipelines.checks.surroundings import surroundings_problems
from engine.pipelines.checks.warnings import warnings_of

__all__ = ["shape_problems", "surroundings_problems", "warnings_of"]
