"""Who is told when an approval is over, by the kind of its subject: a line each."""

from __future__ import annotations

from collections.abc import Mapping

from engine.services.approvals.endings import RUN, run_ended
from engine.services.approvals.publishing import PUBLISH, publish_ended
from engine.services.deals.ended_moves import move_decided
from engine.services.deals.pending import DEAL_MOVE
from engine.services.ended import Ended as Ended
from engine.services.ended import Ending as Ending

ENDINGS: Mapping[str, Ending] = {
    RUN: run_ended,
    PUBLISH: publish_ended,
    DEAL_MOVE: move_decided,
}
