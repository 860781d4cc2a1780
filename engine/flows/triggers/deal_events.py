"""What Cadenza tells of deals itself, with the deal's number as `deal_id`."""

from __future__ import annotations

from typing import Final

DEAL_KIND: Final = "deal"

STAGE_CHANGED: Final = "Deal Stage Changed"
DEAL_WON: Final = "Deal Won"
DEAL_LOST: Final = "Deal Lost"

DEAL_EVENTS: Final = (STAGE_CHANGED, DEAL_WON, DEAL_LOST)
