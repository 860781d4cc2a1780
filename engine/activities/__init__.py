"""Temporal activities: load, do, record, return; each batch is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.activities.advance import AdvanceActivities
from engine.activities.assignments import AssignmentActivities
from engine.activities.audience import AudienceActivities
from engine.activities.audit_seals import AuditSealActivities
from engine.activities.bounces import BounceActivities
from engine.activities.dispatch import DispatchActivities
from engine.activities.due_dates import DueDateActivities
from engine.activities.facts_care import FactsCareActivities
from engine.activities.forecasts import ForecastActivities
from engine.activities.hosting import HostActivities
from engine.activities.jobs import JobActivities
from engine.activities.notices import NoticeActivities
from engine.activities.parts import Parts, Sizes
from engine.activities.perform import PerformActivities
from engine.activities.retention import RetentionActivities
from engine.activities.scores import ScoreActivities
from engine.activities.segments import SegmentActivities
from engine.activities.version_moves import VersionMoveActivities
from engine.activities.webhooks import WebhookActivities
from engine.activities.winners import WinnerActivities


def make_activities(parts: Parts) -> Sequence[Callable[..., Any]]:
    """Every activity of the product, with what it needs."""
    hosts = HostActivities(parts)
    return (
        DispatchActivities(parts).dispatch,
        AdvanceActivities(parts).advance,
        PerformActivities(parts).perform,
        AudienceActivities(parts).enrol,
        DueDateActivities(parts).look,
        FactsCareActivities(parts).care,
        ScoreActivities(parts).score,
        SegmentActivities(parts).recount,
        VersionMoveActivities(parts).move,
        WinnerActivities(parts).decide,
        BounceActivities(parts).read,
        hosts.tend,
        hosts.act,
        hosts.sweep,
        NoticeActivities(parts).mail,
        WebhookActivities(parts).deliver,
        AuditSealActivities(parts).seal,
        AssignmentActivities(parts).assign,
        JobActivities(parts).carry_out,
        ForecastActivities(parts).write_down,
        RetentionActivities(parts).apply,
    )


__all__ = ["Parts", "Sizes", "make_activities"]
