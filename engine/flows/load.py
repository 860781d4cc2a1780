"""A flow file, YAML or JSON, into a `Flow`: right, or refused with every mistake and its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.flows.model import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    USUAL_PRIORITY,
    Entry,
    EntryPolicy,
    Flow,
    Node,
    Purpose,
    StepKind,
)
from engine.flows.places import Places
from engine.flows.problems import (
    Code,
    FlowProblem,
    FlowRefused,
    Path,
    SettingProblem,
    SettingsRefused,
    did_you_mean,
    shown,
)
from engine.flows.read_goal import read_at_most, read_goal
from engine.flows.read_nodes import NodeReader
from engine.flows.reading import Reader
from engine.flows.triggers import TRIGGER_KINDS, Trigger
from engine.flows.wiring import wiring_problems
from engine.flows.written import MAX_PROBLEMS, TextRefused, read_text
from engine.rules import Catalogue

# What a run can be about. Deals and tickets have facts already, but no door that enters them.
SUBJECTS: Final = ("contact",)
KEYS: Final = (
    "flow",
    "label",
    "subject",
    "purpose",
    "consent_note",
    "priority",
    "trigger",
    "entry",
    "exit_when",
    "goal",
    "holdout",
    "first",
    "steps",
)
_PLAIN_ENTRIES: Final = (EntryPolicy.ONCE, EntryPolicy.AFTER_EXIT, EntryPolicy.ALWAYS)
_ENTRY_ADVICE: Final = (
    'write "once", "after_exit", "always", {always: {at_most: <number>}}, '
    "{once_per: <event property>} or {every: <duration>}."
)


@dataclass(frozen=True, slots=True)
class LoadedFlow:
    """A flow and where its parts stand, so that later findings can name a line too."""

    flow: Flow
    places: Places


def load_flow(
    text: str | bytes, *, file: str, kinds: Mapping[str, StepKind], catalogue: Catalogue
) -> Flow:
    """The flow in the text; raises FlowRefused with all mistakes. Messages name it by `file`."""
    return read_flow(text, file=file, kinds=kinds, catalogue=catalogue).flow


def read_flow(
    text: str | bytes, *, file: str, kinds: Mapping[str, StepKind], catalogue: Catalogue
) -> LoadedFlow:
    """Like `load_flow`, and keeps the places."""
    try:
        written = read_text(text, file)
    except TextRefused as refused:
        raise _refusal(file, refused.problems) from refused
    reader = Reader()
    flow = _Loader(reader, kinds, catalogue).flow(written.data)
    problems = [*written.problems, *(written.places.locate(p) for p in reader.problems)]
    if problems or flow is None:
        raise _refusal(file, problems)
    return LoadedFlow(flow, written.places)


def _refusal(file: str, problems: list[FlowProblem]) -> FlowRefused:
    ordered = sorted(problems, key=lambda p: (p.line or 0, p.column or 0))[:MAX_PROBLEMS]
    count = f"{len(ordered)} mistakes" if len(ordered) > 1 else "a mistake"
    return FlowRefused(f"The flow in {file} has {count}.", ordered)


class _Loader:
    def __init__(self, reader: Reader, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> None:
        self.reader = reader
        self.nodes = NodeReader(reader, kinds, catalogue)

    def flow(self, data: Any) -> Flow | None:
        """None when something is missing that cannot be made up; the reader knows what."""
        top = self.reader.mapping(data, (), "a flow")
        if top is None:
            return None
        self.reader.only(top, (), KEYS)
        name = self._name(top)
        purpose = self._purpose(top)
        self._subject(top)
        trigger = self._trigger(top)
        nodes = self._steps(top)
        first = self._first(top, nodes)
        label = self.reader.line(top, "label", ())
        entry = self._entry(top)
        if top.get("entry") is None and trigger is not None and trigger.enters_every_time:
            entry = Entry(EntryPolicy.ALWAYS)
        if top.get("exit_when") is not None:
            self.nodes.check_rule(top["exit_when"], ("exit_when",), event_rule=False)
        goal = read_goal(self.reader, self.nodes, top)
        holdout = self._holdout(top)
        consent_note = self.reader.line(top, "consent_note", ())
        priority = self._priority(top)
        if name is None or purpose is None or trigger is None or first is None:
            return None
        return Flow(
            name=name,
            label=label or spoken(name),
            subject=SUBJECTS[0],
            purpose=purpose,
            trigger=trigger,
            first=first,
            nodes=nodes,
            entry=entry,
            exit_when=top.get("exit_when"),
            goal=goal,
            holdout_percent=holdout,
            consent_note=consent_note,
            priority=priority,
        )

    def _name(self, top: Mapping[str, Any]) -> str | None:
        if not self.reader.required(top, "flow", ()):
            return None
        return self.reader.name(top["flow"], ("flow",), "the flow's name")

    def _purpose(self, top: Mapping[str, Any]) -> Purpose | None:
        self.reader.required(top, "purpose", ())
        chosen = self.reader.choice(top, "purpose", (), [purpose.value for purpose in Purpose])
        return Purpose(chosen) if chosen else None

    def _subject(self, top: Mapping[str, Any]) -> None:
        if "subject" in top:
            self.reader.choice(top, "subject", (), SUBJECTS)

    def _trigger(self, top: Mapping[str, Any]) -> Trigger | None:
        if not self.reader.required(top, "trigger", ()):
            return None
        path: Path = ("trigger",)
        given = self.reader.mapping(top["trigger"], path, '"trigger"')
        if given is None:
            return None
        self.reader.required(given, "on", path)
        on = self.reader.choice(given, "on", path, list(TRIGGER_KINDS))
        if on is None:
            return None
        kind = TRIGGER_KINDS[on]
        settings = {key: value for key, value in given.items() if key != "on"}
        try:
            trigger = kind.read(settings)
        except SettingsRefused as refused:
            self._trigger_problems(refused.problems)
            return None
        self._trigger_problems(trigger.catalogue_problems(self.nodes.catalogue))
        for key, document in kind.written_rules(settings).items():
            place = (*path, *key.split("/"))
            self.nodes.check_rule(document, place, event_rule=trigger.reads_event)
        return trigger

    def _trigger_problems(self, problems: Sequence[SettingProblem]) -> None:
        for problem in problems:
            path = ("trigger", *problem.path)
            self.reader.refuse(problem.code, path, problem.message, detail=problem.detail)

    def _entry(self, top: Mapping[str, Any]) -> Entry:
        match top.get("entry"):
            case None:
                return Entry()
            case str(policy) if policy in _PLAIN_ENTRIES:
                return Entry(EntryPolicy(policy))
            case {"once_per": _} as given if len(given) == 1:
                return Entry(EntryPolicy.ONCE_PER, self.reader.line(given, "once_per", ("entry",)))
            case {"always": limit} as given if len(given) == 1:
                return Entry(EntryPolicy.ALWAYS, at_most=read_at_most(self.reader, limit))
            case {"every": _} as given if len(given) == 1:
                return Entry(EntryPolicy.EVERY, self.reader.span(given, "every", ("entry",)))
            case other:
                message = f'"entry" cannot be {shown(other)}; {_ENTRY_ADVICE}'
                self.reader.refuse(Code.BAD_CHOICE, ("entry",), message)
                return Entry()

    def _priority(self, top: Mapping[str, Any]) -> int:
        number = top.get("priority", USUAL_PRIORITY)
        is_whole = isinstance(number, int) and not isinstance(number, bool)
        if is_whole and LOWEST_PRIORITY <= number <= HIGHEST_PRIORITY:
            return int(number)
        message = (
            f'"priority" is a whole number from {LOWEST_PRIORITY} to {HIGHEST_PRIORITY}; messages '
            f"of {HIGHEST_PRIORITY} go first."
        )
        self.reader.refuse(Code.BAD_VALUE, ("priority",), message)
        return USUAL_PRIORITY

    def _holdout(self, top: Mapping[str, Any]) -> int:
        percent = top.get("holdout", 0)
        if isinstance(percent, int) and not isinstance(percent, bool) and 0 <= percent <= 100:
            return percent
        message = f'"holdout" is a whole number of percent from 0 to 100, not {shown(percent)}.'
        self.reader.refuse(Code.BAD_VALUE, ("holdout",), message)
        return 0

    def _steps(self, top: Mapping[str, Any]) -> dict[str, Node]:
        if not self.reader.required(top, "steps", ()):
            return {}
        given = self.reader.mapping(top["steps"], ("steps",), '"steps"')
        if given is not None and not given:
            self.reader.refuse(Code.NO_STEPS, ("steps",), "a flow needs at least one step.")
        read = {name: self.nodes.read(name, raw) for name, raw in (given or {}).items()}
        nodes = {name: node for name, node in read.items() if node is not None}
        self.reader.problems += wiring_problems(
            nodes, self.nodes.steps, self.nodes.kinds, self.nodes.written, read
        )
        return nodes

    def _first(self, top: Mapping[str, Any], nodes: Mapping[str, Node]) -> str | None:
        if "first" not in top:
            return next(iter(nodes), None)
        first = top["first"]
        known = top["steps"] if isinstance(top.get("steps"), dict) else {}
        if isinstance(first, str) and first in known:
            return first
        message = f"there is no step {shown(first)}; {did_you_mean(str(first), known)}"
        self.reader.refuse(Code.UNKNOWN_NODE, ("first",), message)
        return None


def spoken(name: str) -> str:
    """The label of a flow that was given none: "win_back" becomes "Win back"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
