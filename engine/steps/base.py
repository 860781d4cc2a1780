"""What a step is: fields (its form), exits, and what it does when something happens to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.effects import Receipt
from engine.flows.mentions import Mention
from engine.flows.problems import Path, SettingProblem, SettingsRefused
from engine.rules import Catalogue, Fact, Facts, RecordKind, Rule
from engine.steps.because import as_document
from engine.steps.formula import Formula
from engine.steps.moves import Hold, Leave, Move
from engine.steps.questions import Verdict
from engine.steps.settings_problems import setting_names, setting_problems
from engine.steps.words import Words
from engine.working_time import WorkingCalendar


class Place(NamedTuple):
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
    formulas: Mapping[str, Formula] = MappingProxyType({})
    # The arm that has won on this node, when one has.
    winner: str | None = None
    # Calendars by name; the default one under the empty name.
    calendars: Mapping[str, WorkingCalendar] = MappingProxyType({})
    # Fields of the subject that an answer may fill, see `Step.fills`.
    fills: Mapping[str, Fact] = MappingProxyType({})

    def holds(self, key: str) -> bool:
        """Whether this node's rule `key` (see `Step.rules`) holds for the subject now."""
        return self.rules[key].holds(self.facts, self.now, self.zone)

    def because(self, key: str) -> Mapping[str, Any]:
        """The rule's tree with the values read, for the journal."""
        return as_document(self.rules[key].explain(self.facts, self.now, self.zone))

    def draw(self) -> float:
        """A number in [0, 1), always the same for this flow, node and subject."""
        digest = blake2b(f"{self.flow}:{self.node}:{self.subject_id}".encode(), digest_size=8)
        # 53 bits fit a float exactly; all 64 could round up to 1
        return (int.from_bytes(digest.digest()) >> 11) / 2**53


class Step(BaseModel):
    """One kind of node. Subclasses declare fields; the fields are the form and the file format.

    The four questions are asked by the journey machine only. A step keeps nothing between them but
    the memo it put in its `Wait`.
    """

    # Only the written key is accepted, so that a file has one spelling.
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    label: ClassVar[Words]
    help: ClassVar[Words]
    icon: ClassVar[str]
    named_exits: ClassVar[tuple[str, ...]]
    exit_labels: ClassVar[Mapping[str, Words]]

    @classmethod
    def setting_names(cls) -> tuple[str, ...]:
        """The keys people write, other than `do`, `next` and `exits`."""
        return setting_names(cls)

    @classmethod
    def split_exits(cls, raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Part a node as people write it into (settings, exit -> next node).

        `next` stands for every exit that `exits` does not name. A kind without exits leaves both
        among the settings, where they are refused.
        """
        if not cls.named_exits:
            return {key: value for key, value in raw.items() if key != "do"}, {}
        settings = {k: v for k, v in raw.items() if k not in ("do", "next", "exits")}
        exits = dict.fromkeys(cls.named_exits, raw["next"]) if "next" in raw else {}
        named = raw.get("exits")
        return settings, exits | (named if isinstance(named, dict) else {})

    @classmethod
    def join_exits(cls, settings: Mapping[str, Any], exits: Mapping[str, str]) -> dict[str, Any]:
        """A node as people write it; the opposite of `split_exits`."""
        targets = set(exits.values())
        if len(targets) == 1 and set(exits) == set(cls.named_exits):
            return {**settings, "next": targets.pop()}
        return {**settings, "exits": dict(exits)} if exits else dict(settings)

    @classmethod
    def exit_path(cls, raw: Mapping[str, Any], exit_name: str) -> Path:
        """Where in the written node the target of this exit stands."""
        if exit_name in (raw.get("exits") or {}):
            return ("exits", exit_name)
        return ("next",)

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> Self:
        """Build the step; raises SettingsRefused with every mistake in the settings."""
        try:
            return cls.model_validate(settings)
        except ValidationError as error:
            raise SettingsRefused(setting_problems(cls, error)) from error

    @classmethod
    def written_exits(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """`exit_names` for settings that were not read yet and may be wrong; never raises."""
        return cls.named_exits

    def exit_names(self) -> tuple[str, ...]:
        return self.named_exits

    def exit_label(self, exit_name: str) -> Words:
        """What the canvas writes beside the line that leaves by this exit."""
        return self.exit_labels.get(exit_name) or Words(exit_name, exit_name)

    def rules(self) -> Mapping[str, Any]:
        """The rule documents of this node by their path below it, e.g. `cases/0/when`."""
        return {}

    @classmethod
    def written_rules(cls, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same for settings that were not read yet and may be wrong; never raises."""
        return {}

    @classmethod
    def rule_reads_event(cls, key: str) -> bool:
        """Whether the rule under `key` may read the event that woke the run."""
        return False

    @classmethod
    def catalogue_problems(
        cls,
        settings: Mapping[str, Any],
        catalogue: Catalogue,
    ) -> Sequence[SettingProblem]:
        """What only the catalogue can tell, e.g. an unknown field; rules excepted.

        Of settings that may still be wrong; never raises.
        """
        return ()

    def formulas(self, catalogue: Catalogue) -> Mapping[str, Formula]:
        """What the step works out from facts, by name; found again in `Place.formulas`.

        Raises RuleRefused or KeyError when the catalogue no longer fits.
        """
        return {}

    def fills(self, catalogue: Catalogue) -> Mapping[str, Fact]:
        """Fields of the subject that what it is answered may fill, by name; found again in
        `Place.fills`. Raises KeyError when one of them is gone.
        """
        return {}

    def templates(self) -> tuple[str, ...]:
        """Names of the message templates it sends."""
        return ()

    def calendars(self) -> tuple[str, ...]:
        """Names of the calendars whose working time it counts; the empty name is the default."""
        return ()

    def records(self) -> tuple[RecordKind, ...]:
        """Records whose facts it reads besides those its rules read."""
        return ()

    def mentions(self) -> tuple[Mention, ...]:
        """Flows, calendars and the like that must exist; paths begin at the node."""
        return ()

    def shortest_stay(self, exit_name: str) -> timedelta | None:
        """The least time a run stands here before leaving by this exit; None when it never waits.

        For the static check: a month counts as 28 days, a day as 24 hours.
        """
        return None

    def most_rounds(self, exit_name: str) -> int | None:
        """How many times at most a run leaves by this exit; None without a limit."""
        return None

    def writes(self) -> Mapping[str, Any]:
        """Values it gives fields of the subject, the same for everybody; a tag is "tag <name>"."""
        return {}

    def computes(self) -> tuple[str, ...]:
        """Fields of the subject that it may change to a value nobody knows beforehand."""
        return ()

    def records_events(self) -> tuple[str, ...]:
        """Names of the events it makes happen to the subject."""
        return ()

    def listens_to(self) -> tuple[str, ...]:
        """Event names that may wake a run standing here; the dispatch index is built from them."""
        return ()

    def summary(self) -> Words:
        """One line for the canvas, e.g. the template's name or the length of the wait."""
        return Words("", "")

    def enter(self, here: Place) -> Move:
        raise NotImplementedError(f"{type(self).__name__} does not say what happens on entering")

    def time_came(self, here: Place) -> Move:
        """The time of the last `Wait` has come. By default the step is entered again."""
        return self.enter(here)

    def happened(self, here: Place) -> Move:
        """An event it listens to came; it is `here.facts["event"]`."""
        return self.enter(here)

    def answered(self, here: Place, receipt: Receipt) -> Move:
        return Hold("unexpected_answer", f'"{self.kind}" asked nothing and got an answer.')

    def decided(self, here: Place, verdict: Verdict) -> Move:
        """Our own records answered, and changed with the answer. Facts are not at hand."""
        return Leave(verdict.exit, verdict.why, afresh=True)


StepClass = TypeVar("StepClass", bound=type[Step])

STEP_KINDS: dict[str, type[Step]] = {}


def step(
    kind: str,
    *,
    label: Words,
    help: Words,  # noqa: A002 - the name it has on the class
    icon: str,
    exits: tuple[str, ...],
    exit_labels: Mapping[str, Words],
) -> Callable[[StepClass], StepClass]:
    """Name a step class and put it in the registry; a second class of one name is a mistake.

    `exits` are those every node of the kind has; kinds whose exits depend on the settings override
    `exit_names`. `icon` is the name of a Material symbol.
    """

    def register(cls: StepClass) -> StepClass:
        if kind in STEP_KINDS:
            raise ValueError(f'two steps are named "{kind}"; step names are unique')
        cls.kind, cls.label, cls.help, cls.icon = kind, label, help, icon
        cls.named_exits, cls.exit_labels = exits, exit_labels
        STEP_KINDS[kind] = cls
        return cls

    return register
