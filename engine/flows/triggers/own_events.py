"""Events that Cadenza tells of what it did itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.flows.triggers.deal_events import DEAL_EVENTS, DEAL_KIND
from engine.flows.triggers.flow import FLOW_EVENTS, FLOW_KIND
from engine.flows.triggers.segment import SEGMENT_ENTERED, SEGMENT_KIND, SEGMENT_LEFT
from engine.flows.triggers.ticket_events import TICKET_EVENTS, TICKET_KIND
from engine.rules.scoring import SCORE_KIND, THRESHOLD_REACHED

# Their kinds by name. What browsers and other systems send has another kind, whatever its name, so
# that nobody who holds a key for events can tell us of them.
KIND_OF_OURS: Final[Mapping[str, str]] = {
    SEGMENT_ENTERED: SEGMENT_KIND,
    SEGMENT_LEFT: SEGMENT_KIND,
    THRESHOLD_REACHED: SCORE_KIND,
    **dict.fromkeys(FLOW_EVENTS.values(), FLOW_KIND),
    **dict.fromkeys(TICKET_EVENTS, TICKET_KIND),
    **dict.fromkeys(DEAL_EVENTS, DEAL_KIND),
}
