"""Random edits of random flows, as people make them in a designer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.flows.model import Flow, Purpose
from tests.machines.flows_for_tests import flow_of

T = TypeVar("T")
Step = tuple[str, str, dict[str, Any]]
# Kinds with what can be written in them; every message has words of its own.
KINDS = ("send_message", "send_message", "wait", "wait_for", "branch", "create_task")
EXITS: dict[str, tuple[str, ...]] = {
    "send_message": ("sent", "undeliverable", "withheld"),
    "wait": ("passed",),
    "wait_for": ("happened", "timed_out"),
    "branch": ("case_1", "else"),
    "create_task": ("done",),
    "exit": (),
}
EDITS = ("rename", "settings", "kind", "insert", "remove", "swap", "back")


@dataclass
class Seeded:
    """Chance that can be played again."""

    random: random.Random

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)


@dataclass
class Author:
    """Writes a flow and edits it, version after version."""

    chance: Seeded
    steps: list[Step] = field(default_factory=list)
    gone: list[Step] = field(default_factory=list)
    made: int = 0

    def write(self) -> Flow:
        self.steps = [self._fresh() for _ in range(self.chance.number(3, 7))]
        return flow_in_line(self.steps)

    def edit(self) -> Flow:
        for _ in range(self.chance.number(1, 3)):
            self._change(self.chance.number(0, len(self.steps) - 1))
        return flow_in_line(self.steps)

    def _change(self, at: int) -> None:
        steps = self.steps
        id_, kind, settings = steps[at]
        match self.chance.pick(EDITS):
            case "rename":
                steps[at] = (f"n{self._number()}", kind, settings)
            case "settings":
                steps[at] = (id_, kind, self._settings(kind))
            case "kind":
                _, other, chosen = self._fresh()
                steps[at] = (id_, other, chosen)
            case "insert":
                steps.insert(at, self._fresh())
            case "remove" if len(steps) > 1:
                self.gone.append(steps.pop(at))
            case "swap":
                other_at = self.chance.number(0, len(steps) - 1)
                steps[at], steps[other_at] = steps[other_at], steps[at]
            case "back" if self.gone:
                steps.insert(at, self.gone.pop())

    def _fresh(self) -> Step:
        kind = self.chance.pick(KINDS)
        return (f"n{self._number()}", kind, self._settings(kind))

    def _number(self) -> int:
        self.made += 1
        return self.made

    def _settings(self, kind: str) -> dict[str, Any]:
        number = self._number()
        match kind:
            case "send_message":
                return {"template": f"words_{number}"}
            case "wait":
                return {"for": self.chance.pick(["1h", "1d", "3d"])}
            case "wait_for":
                return {"event": self.chance.pick(["Visited", "Called"]), "timeout": "2d"}
            case "branch":
                return {"cases": [{"when": {"==": [{"var": "contact.country"}, "SG"]}}]}
            case _:
                return {"title": f"Task {number}"}


def flow_in_line(steps: list[Step]) -> Flow:
    """Every exit leads on: the first to the next step, the others one step further."""
    last = len(steps)
    ids = [id_ for id_, _, _ in steps] + ["end"]
    nodes: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
        id_: (
            kind,
            settings,
            {
                exit_: ids[min(index + 1 + min(place, 1), last)]
                for place, exit_ in enumerate(EXITS[kind])
            },
        )
        for index, (id_, kind, settings) in enumerate(steps)
    }
    nodes["end"] = ("exit", {}, {})
    return flow_of(nodes, purpose=Purpose.SERVICE)
