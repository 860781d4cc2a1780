"""Temporal workflows: thin loops around batches, and the client that starts and pokes them."""

from engine.workflows.audience import Audience
from engine.workflows.birthday_care import BirthdayCare
from engine.workflows.bounces import Bounces
from engine.workflows.dispatch import Dispatch
from engine.workflows.facts_care import FactsCare
from engine.workflows.nurture import Nurture
from engine.workflows.perform import PerformEffects
from engine.workflows.scores import Scores
from engine.workflows.segments import Segments
from engine.workflows.version_move import VersionMove
from engine.workflows.winners import Winners

ALL_WORKFLOWS: tuple[type, ...] = (
    Audience,
    BirthdayCare,
    Bounces,
    Dispatch,
    FactsCare,
    Nurture,
    PerformEffects,
    Scores,
    Segments,
    VersionMove,
    Winners,
)
