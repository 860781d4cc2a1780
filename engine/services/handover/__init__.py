"""Handing one person's work over to others, page by page, and giving it back on a day."""

from engine.assignment.handing_over import Handed, Way
from engine.services.handover.carrying import Carried, carry_on
from engine.services.handover.hand import Back
from engine.services.handover.looking import HandoverSeen, look, recent_handovers
from engine.services.handover.previewing import (
    KindPreview,
    Preview,
    ReturnPreview,
    Sample,
    preview,
    preview_return,
)
from engine.services.handover.starting import LONGEST_NOTE, Plan, cancel, give_back, start

__all__ = [
    "LONGEST_NOTE",
    "Back",
    "Carried",
    "Handed",
    "HandoverSeen",
    "KindPreview",
    "Plan",
    "Preview",
    "ReturnPreview",
    "Sample",
    "Way",
    "cancel",
    "carry_on",
    "give_back",
    "look",
    "preview",
    "preview_return",
    "recent_handovers",
    "start",
]
