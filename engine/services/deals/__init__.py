"""Deals: made, read, edited, and moved from stage to stage."""

from engine.services.deals.answers import (
    AwaitingApproval,
    MoveAnswer,
    Moved,
    MoveRefused,
    Via,
    WantedMove,
)
from engine.services.deals.moving import move_deal, move_deals

__all__ = [
    "AwaitingApproval",
    "MoveAnswer",
    "MoveRefused",
    "Moved",
    "Via",
    "WantedMove",
    "move_deal",
    "move_deals",
]
