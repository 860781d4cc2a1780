"""Between what the API says of runs and what services do with them."""

from __future__ import annotations

from engine.api.shapes import runs as shapes
from engine.machines.mending import GoTo, Order, Retry, Skip, Stop
from engine.services.views.runs import RunPage


def order_of(deed: shapes.Deed) -> Order:
    if deed.do == "skip":
        return Skip(deed.exit or "")
    if deed.do == "go_to":
        return GoTo(deed.node or "")
    return Retry() if deed.do == "retry" else Stop()


def run_shown(found: RunPage) -> shapes.RunShown:
    return shapes.RunShown(
        id=found.id,
        flow=found.flow_name,
        version=found.version,
        contact_id=found.contact_id,
        contact=found.contact,
        state=found.state,
        node=found.node,
        visit=found.visit,
        outcome=found.outcome,
        due_at=found.due_at,
        listens=list(found.listens),
        entered_at=found.entered_at,
        moved_at=found.moved_at,
        ended_at=found.ended_at,
        journal=[dict(one) for one in found.entries],
        messages=[shapes.SentShown.model_validate(one) for one in found.messages],
    )
