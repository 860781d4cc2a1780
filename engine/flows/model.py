"""A flow as a value: trigger, entry, exits, goal, and nodes that point at each other.

The flow knows nothing of what a step does. Step kinds are offered by whoever loads it, so that
`flows` stays below `steps`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Purpose(StrEnum):
    """What law and manners ask of the messages: marketing needs consent, service does not."""

    MARKETING = "marketing"
    SERVICE = "service"


class EntryPolicy(StrEnum):
    ONCE = "once"
    ONCE_PER = "once_per"
    AFTER_EXIT = "after_exit"
    EVERY = "every"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may come back. `by` is the event property of `once_per` or the ISO span of `every`."""

    policy: EntryPolicy = EntryPolicy.ONCE
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes a subject enter. `event` for "event"; `when` is a rule document or None."""

    on: str
    event: str | None = None
    when: Any = None


@dataclass(frozen=True, slots=True)
class Goal:
    event: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a flow: `kind` names the step, `exits` maps each exit to the next node."""

    id: str
    kind: str
    settings: Mapping[str, Any]
    exits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flow:
    name: str
    label: str
    subject: str
    purpose: Purpose
    trigger: Trigger
    first: str
    nodes: Mapping[str, Node]
    entry: Entry = field(default_factory=Entry)
    exit_when: Any = None
    goal: Goal | None = None
    holdout_percent: int = 0

    def definition(self) -> dict[str, Any]:
        """The stored form; `from_definition` reads it back to an equal flow."""
        return {
            "flow": self.name,
            "label": self.label,
            "subject": self.subject,
            "purpose": self.purpose.value,
            "trigger": {
                "on": self.trigger.on,
                "event": self.trigger.event,
                "when": self.trigger.when,
            },
            "entry": {"policy": self.entry.policy.value, "by": self.entry.by},
            "exit_when": self.exit_when,
            "goal": {"event": self.goal.event, "within": self.goal.within} if self.goal else None,
            "holdout_percent": self.holdout_percent,
            "first": self.first,
            "nodes": [
                {
                    "id": node.id,
                    "do": node.kind,
                    "settings": dict(node.settings),
                    "exits": dict(node.exits),
                }
                for node in self.nodes.values()
            ],
        }

    def hash(self) -> str:
        """SHA-256 of the definition as canonical JSON: two equal flows have one hash."""
        text = json.dumps(
            self.definition(), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()


def from_definition(stored: Mapping[str, Any]) -> Flow:
    """The flow of a published version; the document was checked before it was stored."""
    trigger, entry, goal = stored["trigger"], stored["entry"], stored["goal"]
    return Flow(
        name=stored["flow"],
        label=stored["label"],
        subject=stored["subject"],
        purpose=Purpose(stored["purpose"]),
        trigger=Trigger(trigger["on"], trigger["event"], trigger["when"]),
        entry=Entry(EntryPolicy(entry["policy"]), entry["by"]),
        exit_when=stored["exit_when"],
        goal=Goal(goal["event"], goal["within"]) if goal else None,
        holdout_percent=stored["holdout_percent"],
        first=stored["first"],
        nodes={
            node["id"]: Node(node["id"], node["do"], node["settings"], node["exits"])
            for node in stored["nodes"]
        },
    )


class StepKind(Protocol):
    """What a flow must know of a step kind to be loaded and checked."""

    def split_exits(self, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]: ...

    def exit_names_of(self, settings: Mapping[str, Any]) -> tuple[str, ...]: ...
