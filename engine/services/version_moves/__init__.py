"""Bringing people in flight to another version of their flow: proposed, counted, staged, undone."""

from engine.services.version_moves.asking import (
    Preview,
    PreviewLine,
    Proposed,
    preview,
    propose_plan,
)
from engine.services.version_moves.comparing import Compared, compared
from engine.services.version_moves.deciding import (
    Started,
    cancel,
    pause,
    resume,
    stage,
    start,
    undo,
)
from engine.services.version_moves.looking import MoveLine, moves
from engine.services.version_moves.moving import Hands, MovedPage
from engine.services.version_moves.pages import next_page

__all__ = [
    "Compared",
    "Hands",
    "MoveLine",
    "MovedPage",
    "Preview",
    "PreviewLine",
    "Proposed",
    "Started",
    "cancel",
    "compared",
    "moves",
    "next_page",
    "pause",
    "preview",
    "propose_plan",
    "resume",
    "stage",
    "start",
    "undo",
]
