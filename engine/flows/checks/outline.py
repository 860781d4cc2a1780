"""What other flows need to know of a flow: whom it takes, what it writes, what it sets off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from engine.flows.checks.most_messages import WEEK, most_messages
from engine.flows.checks.shortest_way import first_message_after
from engine.flows.model import Entry, Flow, Purpose, StepSettings
from engine.rules import Rule, ir
from engine.rules.reads import reads_of

_RECORDS: Final = ("deal", "ticket", "order")


@dataclass(frozen=True, slots=True)
class Written:
    """A value a node gives a field of the subject; a tag is a field that is there or not."""

    node: str
    field: str
    value: str
    """As JSON text, so that values of every type can be compared."""

    @property
    def changes(self) -> tuple[str, str]:
        """The record and its field whose change is told, e.g. ("deal", "stage")."""
        return ("contact", "tags") if self.field.startswith("tag ") else _change_of(self.field)


@dataclass(frozen=True, slots=True)
class Outline:
    """`whole` is the entry rule, `who` that part of it that speaks of the subject alone: two events
    of one person are two events, whatever their properties. `audience` is set when the rule itself
    says who enters, without an event. `changes` are the records and fields that a run may change,
    whether the new value is written in the flow or worked out. `week` is the most messages one run
    sends in a week, None without a bound; `first_message` how soon after entering the first one may
    go.
    """

    name: str
    label: str
    purpose: Purpose
    entry: Entry
    starts_on: str | None
    audience: bool
    whole: ir.Predicate
    who: ir.Predicate
    writes: tuple[Written, ...]
    changes: frozenset[tuple[str, str]]
    records: frozenset[str]
    starts: frozenset[str]
    hears_runs_of: str | None
    hears_changes_of: frozenset[str]
    sends: bool
    week: int | None
    first_message: timedelta

    def may_start(self, other: Outline) -> bool:
        """Whether a run of this flow may let its subject into the other one."""
        if other.name in self.starts or other.hears_runs_of == self.name:
            return True
        if other.hears_runs_of is None and other.starts_on in self.records:
            return True
        return any(_hears_of(other, *change) for change in self.changes)


def _hears_of(other: Outline, record: str, name: str) -> bool:
    if other.starts_on != f"{record.capitalize()} Updated":
        return False
    return not other.hears_changes_of or f"{record}.{name}" in other.hears_changes_of


def outline_of(flow: Flow, steps: Mapping[str, StepSettings], entry_rule: Rule | None) -> Outline:
    """Cheap beside reading the steps; keep it as long as the flow's version."""
    whole = entry_rule.root if entry_rule is not None else ir.Constant(True)
    starts_on, writes = flow.trigger.starts_on, tuple(_written(steps))
    return Outline(
        name=flow.name,
        label=flow.label,
        purpose=flow.purpose,
        entry=flow.entry,
        starts_on=starts_on,
        audience=starts_on is None and entry_rule is not None,
        whole=whole,
        who=_without_event(whole),
        writes=writes,
        changes=frozenset({one.changes for one in writes} | _computed(steps)),
        records=frozenset(name for step in steps.values() for name in step.records_events()),
        starts=frozenset(
            mention.name
            for step in steps.values()
            for mention in step.mentions()
            if mention.kind == "flow"
        ),
        hears_runs_of=flow.trigger.only_runs_of,
        hears_changes_of=frozenset(".".join(change) for change in flow.trigger.only_changes_of),
        sends=any(step.templates() for step in steps.values()),
        week=most_messages(flow, steps, WEEK),
        first_message=first_message_after(flow, steps),
    )


def _written(steps: Mapping[str, StepSettings]) -> Iterator[Written]:
    for node, step in steps.items():
        for name, value in step.writes().items():
            yield Written(node, name, _spelled(value))


def _computed(steps: Mapping[str, StepSettings]) -> set[tuple[str, str]]:
    return {_change_of(name) for step in steps.values() for name in step.computes()}


def _change_of(field: str) -> tuple[str, str]:
    record, _, name = field.partition(".")
    return (record, name) if record in _RECORDS else ("contact", field)


def _spelled(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _without_event(rule: ir.Predicate) -> ir.Predicate:
    """The conditions that must hold whatever the event says; fewer conditions find more people."""
    parts = rule.parts if isinstance(rule, ir.And) else (rule,)
    kept = tuple(part for part in parts if "event" not in reads_of(part).records)
    return kept[0] if len(kept) == 1 else ir.And(kept) if kept else ir.Constant(True)
