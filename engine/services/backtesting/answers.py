"""What a backtest answers, as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.services.backtesting.question import Answer, Difference, Side


def as_document(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "flow": answer.flow,
        "from": question.since.isoformat(),
        "until": question.until.isoformat(),
        "against": question.against,
        "clock": question.clock,
        "would_enter": _side(answer.tried),
        "other": _side(answer.other),
        "both": answer.both,
        "at_other_times": answer.moved,
        "added": {"people": answer.added_count, "first": _differences(answer.added)},
        "removed": {"people": answer.removed_count, "first": _differences(answer.removed)},
        "entries_by_day": dict(answer.by_day),
        "moments_looked_at": answer.knocks,
        "seconds": round(answer.seconds, 3),
        "limits": [{"code": one.code, "message": one.message} for one in answer.limits],
    }


def _side(side: Side) -> dict[str, int]:
    return {"people": side.people, "entries": side.entries}


def _differences(found: Sequence[Difference]) -> list[dict[str, Any]]:
    return [
        {
            "contact_id": one.contact_id,
            "name": one.name,
            "at": one.at.isoformat(),
            "reason": one.reason,
            "enters": dict(one.enters),
            "stays_out": dict(one.stays_out),
        }
        for one in found
    ]
