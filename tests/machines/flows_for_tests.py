"""Flows built from values, and a machine that is told what happens: for the pure tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.effects import Outcome, Receipt
from engine.flows.model import Flow, Node, Purpose
from engine.flows.triggers import EventTrigger
from engine.machines.journey import (
    Answered,
    Due,
    Entered,
    EventHappened,
    Happening,
    Passage,
    Standing,
    start,
    travel,
)
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def flow_of(nodes: Mapping[str, tuple[str, dict[str, Any], dict[str, str]]], **more: Any) -> Flow:
    """A flow from {node id: (step kind, settings, exits)}; the first node is where people enter."""
    built = {id_: Node(id_, *rest) for id_, rest in nodes.items()}
    values: dict[str, Any] = {
        "name": "test_flow",
        "label": "Test flow",
        "subject": "contact",
        "purpose": Purpose.MARKETING,
        "trigger": EventTrigger(event="Signed Up"),
        "first": next(iter(built)),
        "nodes": built,
    }
    return Flow(**(values | more))


def nurture_flow(**more: Any) -> Flow:
    """Mail, wait three days, then a second mail for customers of Singapore, else a task."""
    everywhere = {"sent": "pause", "undeliverable": "call", "withheld": "done"}
    return flow_of(
        {
            "hello": ("send_message", {"template": "welcome"}, everywhere),
            "pause": ("wait", {"for": "P3D"}, {"passed": "where"}),
            "where": (
                "branch",
                {"cases": [{"when": {"==": [{"var": "contact.country"}, "SG"]}}]},
                {"case_1": "offer", "else": "call"},
            ),
            "offer": (
                "send_message",
                {"template": "offer"},
                {"sent": "done", "undeliverable": "call", "withheld": "done"},
            ),
            "call": ("create_task", {"title": "Call"}, {"done": "done"}),
            "done": ("exit", {}, {}),
        },
        **more,
    )


def plan_of(flow: Flow) -> Plan:
    return compile_plan(flow, Catalogue.standard())


@dataclass
class Journey:
    """Ada on her way: tells the machine what happens and remembers what it answered."""

    plan: Plan
    facts: dict[str, Any] = field(default_factory=lambda: {"contact": {"country": "SG"}})
    now: datetime = MONDAY
    zone: str = "Asia/Singapore"
    standing: Standing = field(init=False)
    passages: list[Passage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.standing = start(self.plan)

    def tell(self, happening: Happening) -> Passage:
        passage = travel(
            self.plan,
            self.standing,
            happening,
            self.facts,
            subject_id=7,
            now=self.now,
            zone=self.zone,
        )
        self.standing = passage.standing
        self.passages.append(passage)
        return passage

    def enter(self) -> Passage:
        return self.tell(Entered({"by": "test"}, first=not self.passages))

    def answer(self, outcome: Outcome = Outcome.DONE) -> Passage:
        return self.tell(Answered(Receipt(outcome)))

    def wait_until_due(self) -> Passage:
        assert self.standing.due_at is not None
        self.now = max(self.now, self.standing.due_at)
        return self.tell(Entered() if self.standing.arriving else Due())

    def event(self, name: str, **properties: Any) -> Passage:
        return self.tell(
            EventHappened({"name": name, "occurred_at": self.now, "properties": properties})
        )

    def advance(self, days: float) -> None:
        self.now += timedelta(days=days)

    def asks(self) -> list[tuple[str, int]]:
        return [(p.asked.node, p.asked.visit) for p in self.passages if p.asked is not None]
