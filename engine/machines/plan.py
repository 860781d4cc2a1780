"""A flow made ready to run: its steps built, its rules parsed, what it must read known.

A plan is built once per published version and shared by every run of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from engine.flows.model import Flow, Node
from engine.rules import Catalogue, Fact, Reads, Rule, parse, union
from engine.steps import STEP_KINDS, Step
from engine.steps.formula import Formula
from engine.steps.split import Split
from engine.working_time import WorkingCalendar


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """`looping` nodes may be entered more than once, so their visits are counted."""

    node: Node
    step: Step
    rules: Mapping[str, Rule]
    looping: bool
    formulas: Mapping[str, Formula]
    fills: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Plan:
    """`reads` is what facts any pass may need; `listens` every event name a node may wait for.

    `goal_rule` is what the goal's event must fulfil; `counted` are the names of events that are
    only counted, for the goal and for arms that are compared; `contests` are the splits with such
    arms, by node. `winners` are the arms that have won,
    by node: a decision about the flow that came after it was published, so whoever has the plan
    from the store puts it in.
    """

    flow: Flow
    nodes: Mapping[str, PlannedNode]
    entry_rule: Rule | None
    exit_rule: Rule | None
    reads: Reads
    listens: frozenset[str]
    goal_rule: Rule | None = None
    counted: frozenset[str] = frozenset()
    contests: Mapping[str, Split] = field(default_factory=dict)
    winners: Mapping[str, str] = field(default_factory=dict)
    # Nodes that nobody may begin now: people wait at their door. From the store, like `winners`.
    paused: frozenset[str] = frozenset()
    # The calendars whose working time its steps count, by name; from the store, like `winners`.
    calendars: Mapping[str, WorkingCalendar] = field(default_factory=dict)

    @property
    def calendar_names(self) -> frozenset[str]:
        """Which calendars it needs; the empty name stands for the default one."""
        return frozenset(name for one in self.nodes.values() for name in one.step.calendars())

    def pausing(self, nodes: frozenset[str]) -> Plan:
        """The same while these nodes are paused."""
        return replace(self, paused=nodes)


def compile_plan(flow: Flow, catalogue: Catalogue) -> Plan:
    """The plan of a checked flow. Raises `RuleRefused` when the catalogue no longer fits its rules.

    That happens when a custom field that a rule reads was removed after publishing.
    """
    looping = nodes_on_a_loop(flow)
    nodes = {id_: _planned(node, catalogue, id_ in looping) for id_, node in flow.nodes.items()}
    by_event = flow.trigger.starts_on is not None
    entry_rule = _parsed(flow.trigger.entry_rule, catalogue, event=by_event)
    exit_rule = _parsed(flow.exit_when, catalogue, event=False)
    rules = [rule for node in nodes.values() for rule in node.rules.values()]
    formulas = [formula for node in nodes.values() for formula in node.formulas.values()]
    records = {record for node in nodes.values() for record in node.step.records()}
    reads = union(
        [rule.reads for rule in (*rules, exit_rule) if rule is not None]
        + [formula.reads for formula in formulas]
        + [_every_field_of(records, catalogue)]
    )
    listens = frozenset(name for node in nodes.values() for name in node.step.listens_to())
    goal_rule = _parsed(flow.goal.when, catalogue, event=True) if flow.goal else None
    return Plan(
        flow,
        nodes,
        entry_rule,
        exit_rule,
        reads,
        listens,
        goal_rule,
        _counted(flow, nodes),
        _contests(nodes),
    )


def _contests(nodes: Mapping[str, PlannedNode]) -> dict[str, Split]:
    steps = ((id_, planned.step) for id_, planned in nodes.items())
    return {id_: step for id_, step in steps if isinstance(step, Split) and step.winner}


def _counted(flow: Flow, nodes: Mapping[str, PlannedNode]) -> frozenset[str]:
    rules = [split.winner for split in _contests(nodes).values()]
    names = {rule.event for rule in rules if rule is not None and rule.event is not None}
    return frozenset(names | {flow.goal.event} if flow.goal else names)


def nodes_on_a_loop(flow: Flow) -> frozenset[str]:
    """The nodes from which some way leads back to themselves."""
    return frozenset(id_ for id_ in flow.nodes if id_ in _reachable(flow, id_))


def _reachable(flow: Flow, start: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(flow.nodes[start].exits.values())
    while ahead:
        here = ahead.pop()
        if here not in seen and here in flow.nodes:
            seen.add(here)
            ahead.extend(flow.nodes[here].exits.values())
    return seen


def _planned(node: Node, catalogue: Catalogue, looping: bool) -> PlannedNode:
    step = STEP_KINDS[node.kind].read(node.settings)
    rules = {
        key: parse(document, catalogue, event_rule=step.rule_reads_event(key))
        for key, document in step.rules().items()
    }
    formulas, fills = step.formulas(catalogue), step.fills(catalogue)
    return PlannedNode(node, step, rules, looping, formulas, fills)


def _every_field_of(records: Collection[str], catalogue: Catalogue) -> Reads:
    """What texts of a step may mention: any field of the records it names."""
    paths = (path for path, _ in catalogue.readable(event_rule=False, derived=False))
    fields = frozenset(tuple(path.split(".")) for path in paths)
    return Reads(fields=frozenset(field for field in fields if field[0] in records))


def _parsed(document: object, catalogue: Catalogue, *, event: bool) -> Rule | None:
    return None if document is None else parse(document, catalogue, event_rule=event)
