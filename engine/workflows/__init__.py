"""Temporal workflows: thin loops around batches, and the client that starts and pokes them."""

from engine.workflows.audience import Audience
from engine.workflows.dispatch import Dispatch
from engine.workflows.nurture import Nurture
from engine.workflows.perform import PerformEffects

ALL_WORKFLOWS: tuple[type, ...] = (Audience, Dispatch, Nurture, PerformEffects)
