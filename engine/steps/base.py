"""What a step is: fields (its form), exits, and what it does when something happens to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.effects import Receipt
from engine.rules import Rule
from engine.rules.evaluate import Facts
from engine.steps.moves import Hold, Move


@dataclass(frozen=True, slots=True)
class Words:
    """A text for people in both interface languages."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands and everything a step may know: time, chance and facts come from here."""

    flow: str
    node: str
    visit: int
    subject_id: int
    purpose: str
    now: datetime
    zone: str
    memo: Mapping[str, Any]
    facts: Facts
    rules: Mapping[str, Rule]

    def holds(self, key: str) -> bool:
        """Whether this node's rule `key` (see `Step.rules`) holds for the subject now."""
        return self.rules[key].holds(self.facts, self.now, self.zone)

    def because(self, key: str) -> Mapping[str, Any]:
        """The rule's tree with the values read, for the journal."""
        return self.rules[key].explain(self.facts, self.now, self.zone).as_document()

    def draw(self) -> float:
        """A number in [0, 1), always the same for this flow, node and subject."""
        digest = blake2b(f"{self.flow}:{self.node}:{self.subject_id}".encode(), digest_size=8)
        return int.from_bytes(digest.digest()) / 2**64


class Step(BaseModel):
    """One kind of node. Subclasses declare fields; the fields are the form and the file format.

    The four questions are asked by the journey machine only. A step keeps nothing between them but
    the memo it put in its `Wait`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    kind: ClassVar[str]
    label: ClassVar[Words]
    help: ClassVar[Words]
    icon: ClassVar[str]
    named_exits: ClassVar[tuple[str, ...]]

    @classmethod
    def split_exits(cls, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Part a node as people write it into (settings, exit -> next node).

        `next` stands for every exit that `exits` does not name.
        """
        settings = {k: v for k, v in raw.items() if k not in ("do", "next", "exits")}
        exits = dict.fromkeys(cls.named_exits, raw["next"]) if "next" in raw else {}
        return settings, exits | dict(raw.get("exits") or {})

    def exit_names(self) -> tuple[str, ...]:
        return self.named_exits

    def rules(self) -> Mapping[str, Any]:
        """The rule documents of this node by a key of the step's own, e.g. `cases/0/when`."""
        return {}

    def rule_reads_event(self, key: str) -> bool:  # noqa: ARG002 - asked by key
        """Whether the rule under `key` may read the event that woke the run."""
        return False

    def listens_to(self) -> tuple[str, ...]:
        """Event names that may wake a run standing here; the dispatch index is built from them."""
        return ()

    def summary(self) -> Words:
        """One line for the canvas, e.g. the template's name or the length of the wait."""
        return Words("", "")

    def enter(self, here: Place) -> Move:
        raise NotImplementedError(f"{type(self).__name__} does not say what happens on entering")

    def due(self, here: Place) -> Move:
        """The time of the last `Wait` has come. By default the step is entered again."""
        return self.enter(here)

    def happened(self, here: Place) -> Move:
        """An event it listens to came; it is `here.facts["event"]`."""
        return self.enter(here)

    def answered(self, here: Place, receipt: Receipt) -> Move:  # noqa: ARG002 - overridden
        return Hold("unexpected_answer", f'"{self.kind}" asked nothing and got an answer.')


StepClass = TypeVar("StepClass", bound=type[Step])

STEP_KINDS: dict[str, type[Step]] = {}


def step(
    kind: str, *, label: Words, help: Words, icon: str, exits: tuple[str, ...]
) -> Callable[[StepClass], StepClass]:
    """Name a step class and put it in the registry; a second class of one name is a mistake."""

    def register(cls: StepClass) -> StepClass:
        if kind in STEP_KINDS:
            raise ValueError(f'two steps are named "{kind}"; step names are unique')
        cls.kind, cls.label, cls.help, cls.icon, cls.named_exits = kind, label, help, icon, exits
        STEP_KINDS[kind] = cls
        return cls

    return register
