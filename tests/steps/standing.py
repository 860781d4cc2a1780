"""A place for a step to stand in, without a machine around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine.rules import Catalogue, Facts, parse
from engine.steps import Place, Step

CATALOGUE = Catalogue.standard()
# A Friday morning in Singapore, where no clock ever changes.
FRIDAY = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
ADA: Mapping[str, Any] = {
    "id": 1,
    "first_name": "Ada",
    "country": "SG",
    "language": "en",
    "lifecycle_stage": "customer",
    "score": 40,
}


def standing(
    step: Step,
    *,
    now: datetime = FRIDAY,
    zone: str = "Asia/Singapore",
    contact: Mapping[str, Any] = ADA,
    event: Mapping[str, Any] | None = None,
    memo: Mapping[str, Any] | None = None,
    subject_id: int = 1,
    node: str = "here",
) -> Place:
    """Ada on a node of this step, with the step's rules parsed as a plan would."""
    facts: Facts = {"contact": dict(contact), "account": None, "event": event}
    rules = {
        key: parse(document, CATALOGUE, event_rule=step.rule_reads_event(key))
        for key, document in step.rules().items()
    }
    return Place(
        flow="welcome",
        node=node,
        visit=1,
        subject_id=subject_id,
        purpose="marketing",
        now=now,
        zone=zone,
        memo=memo or {},
        facts=facts,
        rules=rules,
    )
