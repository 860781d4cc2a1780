"""A flow as a value: trigger, entry, exits, goal, and nodes that point at each other.

The flow knows nothing of what a step does. Step kinds are offered by whoever loads it, so that
`flows` stays below `steps`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from engine.flows.goal import Goal as Goal
from engine.flows.mentions import Mention
from engine.flows.problems import Path, SettingProblem
from engine.flows.triggers import Trigger, trigger_from_stored
from engine.rules import Catalogue

# Between 1 and 9; the more important message takes the room that a cap leaves.
LOWEST_PRIORITY, USUAL_PRIORITY, HIGHEST_PRIORITY = 1, 5, 9


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
    """Who may come back. `by` is the event property of `once_per` or the ISO span of `every`,
    `at_most` how often somebody may be inside at once under `always`; None sets no limit.
    """

    policy: EntryPolicy = EntryPolicy.ONCE
    by: str | None = None
    at_most: int | None = None

    def definition(self) -> dict[str, Any]:
        """The stored form; a limit is there only where one is set, so that older hashes stay."""
        limit = {} if self.at_most is None else {"at_most": self.at_most}
        return {"policy": self.policy.value, "by": self.by, **limit}


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
    consent_note: str | None = None
    # Of messages to the same person where there is no room for all: 9 goes first.
    priority: int = USUAL_PRIORITY

    def definition(self) -> dict[str, Any]:
        """The stored form; `from_definition` reads it back to an equal flow."""
        return {
            "flow": self.name,
            "label": self.label,
            "subject": self.subject,
            "purpose": self.purpose.value,
            "trigger": self.trigger.stored(),
            "entry": self.entry.definition(),
            "exit_when": self.exit_when,
            "goal": self.goal.definition() if self.goal else None,
            "holdout_percent": self.holdout_percent,
            "consent_note": self.consent_note,
            # there only where it was chosen, so that older hashes stay
            **({} if self.priority == USUAL_PRIORITY else {"priority": self.priority}),
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
    entry, goal = stored["entry"], stored["goal"]
    return Flow(
        name=stored["flow"],
        label=stored["label"],
        subject=stored["subject"],
        purpose=Purpose(stored["purpose"]),
        trigger=trigger_from_stored(stored["trigger"]),
        entry=Entry(EntryPolicy(entry["policy"]), entry["by"], entry.get("at_most")),
        exit_when=stored["exit_when"],
        goal=Goal.from_definition(goal) if goal else None,
        holdout_percent=stored["holdout_percent"],
        consent_note=stored.get("consent_note"),
        priority=stored.get("priority", USUAL_PRIORITY),
        first=stored["first"],
        nodes={
            node["id"]: Node(node["id"], node["do"], node["settings"], node["exits"])
            for node in stored["nodes"]
        },
    )


class StepSettings(Protocol):
    """The settings of one node, read: what the static check and the plan ask of them."""

    def exit_names(self) -> tuple[str, ...]:
        """Every way out of this node; empty when the run ends here."""
        ...

    def rules(self) -> Mapping[str, Any]:
        """Rule documents by their path below the node, e.g. "cases/0/when"."""
        ...

    def templates(self) -> tuple[str, ...]:
        """Names of the message templates it sends."""
        ...

    def mentions(self) -> tuple[Mention, ...]:
        """Flows, calendars and the like that must exist."""
        ...

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        """The least time a run stands here before this exit; None when it never waits."""
        ...

    def most_rounds(self, exit_name: str) -> int | None:
        """How many times at most a run leaves by this exit; None without a limit."""
        ...

    def writes(self) -> Mapping[str, Any]:
        """Values it gives fields of the subject, the same for everybody; a tag is "tag <name>"."""
        ...

    def computes(self) -> tuple[str, ...]:
        """Fields of the subject that it may change to a value nobody knows beforehand."""
        ...

    def records_events(self) -> tuple[str, ...]:
        """Names of the events it makes happen to the subject."""
        ...


class StepKind(Protocol):
    """What a flow must know of a step kind to be loaded, checked and written.

    Step classes offer it.
    """

    def setting_names(self) -> tuple[str, ...]:
        """The keys people write, other than `do`, `next` and `exits`."""
        ...

    def split_exits(self, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Part a node as people write it into (settings, exit -> next node).

        Never raises: what has the wrong shape stays where `read` will complain about it.
        """
        ...

    def join_exits(self, settings: Mapping[str, Any], exits: Mapping[str, str]) -> dict[str, Any]:
        """The opposite of `split_exits`, in the form people write."""
        ...

    def exit_path(self, raw: Mapping[str, Any], exit_name: str) -> Path:
        """Where in the written node the target of this exit stands, e.g. ("cases", 0, "next")."""
        ...

    def written_exits(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Every way out by settings that may still be wrong; never raises."""
        ...

    def written_rules(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Rule documents of settings that may still be wrong; never raises."""
        ...

    def catalogue_problems(
        self, settings: Mapping[str, Any], catalogue: Catalogue
    ) -> Sequence[SettingProblem]:
        """What only the catalogue can tell, e.g. an unknown field; rules excepted.

        Of settings that may still be wrong; never raises.
        """
        ...

    def rule_reads_event(self, key: str) -> bool:
        """Whether the rule under this key may read the event that woke the run."""
        ...

    def read(self, settings: Mapping[str, Any]) -> StepSettings:
        """Raises SettingsRefused with every mistake in the settings."""
        ...
