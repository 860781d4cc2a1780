"""What can be seen wrong with a flow without running it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.flows.entry import needs_event
from engine.flows.graph import loops, reachable
from engine.flows.model import Flow, Purpose, StepKind, StepSettings, TriggerKind
from engine.flows.problems import (
    Code,
    FlowProblem,
    Path,
    SettingProblem,
    SettingsRefused,
    Severity,
    did_you_mean,
    pointer_to,
)
from engine.flows.rule_findings import case_problems, never_true
from engine.flows.wiring import wiring_problems
from engine.flows.worst_week import worst_week
from engine.rules import Catalogue, Rule, RuleRefused, parse

# More than a message a day is what people unsubscribe from; the person decides.
MANY_A_WEEK = 7


def check_flow(
    flow: Flow,
    *,
    kinds: Mapping[str, StepKind],
    catalogue: Catalogue,
    templates: Collection[str] | None = None,
) -> list[FlowProblem]:
    """Everything found, errors and warnings; pointers are into the flow as people write it.

    A loaded flow has no mistakes of form left; one from the designer or an old version may.
    `templates` are the names of the messages there are; None leaves them unchecked.
    """
    return list(_Check(flow, kinds, catalogue, templates).findings())


class _Check:
    def __init__(
        self,
        flow: Flow,
        kinds: Mapping[str, StepKind],
        catalogue: Catalogue,
        templates: Collection[str] | None,
    ) -> None:
        self.flow = flow
        self.kinds = kinds
        self.catalogue = catalogue
        self.templates = templates
        self.steps: dict[str, StepSettings] = {}
        self.rules: dict[tuple[str, str], Rule] = {}

    def findings(self) -> Iterator[FlowProblem]:
        yield from self._settings()
        if len(self.steps) < len(self.flow.nodes):
            return
        yield from self._rules()
        yield from self._wiring()
        yield from self._unreachable()
        yield from self._loops()
        yield from self._templates()
        yield from self._cases()
        yield from self._entry()
        yield from self._manners()

    def _settings(self) -> Iterator[FlowProblem]:
        for name, node in self.flow.nodes.items():
            kind = self.kinds.get(node.kind)
            if kind is None:
                meant = did_you_mean(node.kind, self.kinds)
                message = f'there is no kind of step "{node.kind}"; {meant}'
                yield _problem(Code.UNKNOWN_STEP, ("steps", name, "do"), message)
                continue
            try:
                self.steps[name] = kind.read(node.settings)
                found: Sequence[SettingProblem] = ()
            except SettingsRefused as refused:
                found = refused.problems
            unfit = kind.catalogue_problems(node.settings, self.catalogue)
            for problem in (*found, *unfit):
                message = f'step "{name}": {problem.message}'
                yield _problem(problem.code, ("steps", name, *problem.path), message)

    def _rules(self) -> Iterator[FlowProblem]:
        trigger = self.flow.trigger
        if trigger.segment is not None and trigger.segment not in self.catalogue.segments:
            meant = did_you_mean(trigger.segment, list(self.catalogue.segments))
            message = f'there is no segment "{trigger.segment}"; {meant}'
            yield _problem(Code.UNKNOWN_SEGMENT, ("trigger", "segment"), message)
        yield from self._rule(
            ("trigger", "when"), trigger.when, event_rule=trigger.on is TriggerKind.EVENT
        )
        yield from self._rule(("exit_when",), self.flow.exit_when, event_rule=False)
        for name, step in self.steps.items():
            kind = self.kinds[self.flow.nodes[name].kind]
            for key, document in step.rules().items():
                place = ("steps", name, *key.split("/"))
                yield from self._rule(place, document, event_rule=kind.rule_reads_event(key))

    def _rule(self, path: Path, document: Any, *, event_rule: bool) -> Iterator[FlowProblem]:
        if document is None:
            return
        try:
            rule = parse(document, self.catalogue, event_rule=event_rule)
        except RuleRefused as refused:
            for problem in refused.problems:
                pointer = pointer_to(path) + problem.pointer
                yield FlowProblem(Code.BAD_RULE, pointer, problem.message, detail=problem.code)
            return
        if path[0] == "steps":
            self.rules[str(path[1]), "/".join(map(str, path[2:]))] = rule
        yield from never_true(rule, path, self.catalogue, event_rule=event_rule)

    def _wiring(self) -> Iterator[FlowProblem]:
        nodes = self.flow.nodes
        written = {
            name: self.kinds[node.kind].join_exits(node.settings, node.exits)
            for name, node in nodes.items()
        }
        yield from wiring_problems(nodes, self.steps, self.kinds, written, nodes)
        if self.flow.first not in nodes:
            message = f'the first step "{self.flow.first}" is not there.'
            yield _problem(Code.UNKNOWN_NODE, ("first",), message)

    def _edges(self) -> dict[str, list[str]]:
        return {name: list(node.exits.values()) for name, node in self.flow.nodes.items()}

    def _unreachable(self) -> Iterator[FlowProblem]:
        edges = self._edges()
        if self.flow.first not in edges:
            return
        for name in edges.keys() - reachable(edges, self.flow.first):
            message = f'nothing leads to the step "{name}"; connect it or take it out.'
            yield _problem(Code.UNREACHABLE_NODE, ("steps", name), message)

    def _loops(self) -> Iterator[FlowProblem]:
        at_once = {
            name: [
                target
                for exit_name, target in node.exits.items()
                if self.steps[name].shortest_stay(exit_name) is None
            ]
            for name, node in self.flow.nodes.items()
        }
        for group in loops(at_once):
            names = [name for name in self.flow.nodes if name in group]
            message = (
                f"the loop {' > '.join([*names, names[0]])} never waits, so a run would go round "
                "without end; put a wait into it."
            )
            yield _problem(Code.LOOP_WITHOUT_WAIT, ("steps", names[0]), message)

    def _templates(self) -> Iterator[FlowProblem]:
        if self.templates is None:
            return
        for name, step in self.steps.items():
            for template in step.templates():
                if template not in self.templates:
                    meant = did_you_mean(template, sorted(self.templates))
                    message = f'step "{name}": there is no message template "{template}"; {meant}'
                    yield _problem(Code.MISSING_TEMPLATE, ("steps", name, "template"), message)

    def _cases(self) -> Iterator[FlowProblem]:
        """Cases that are never reached, and cases that overlap."""
        for name, step in self.steps.items():
            keys = [key for key in step.rules() if (name, key) in self.rules]
            if len(keys) > 1:
                rules = [self.rules[name, key] for key in keys]
                yield from case_problems(name, keys, rules, self.catalogue)

    def _entry(self) -> Iterator[FlowProblem]:
        if needs_event(self.flow.entry) and self.flow.trigger.on is not TriggerKind.EVENT:
            message = (
                f'"once_per" counts by a property of an event, but a {self.flow.trigger.on} '
                "trigger brings no event; choose another entry."
            )
            yield _problem(Code.ENTRY_NEEDS_EVENT, ("entry",), message)

    def _manners(self) -> Iterator[FlowProblem]:
        sends = any(step.templates() for step in self.steps.values())
        marketing = self.flow.purpose is Purpose.MARKETING
        if marketing and sends and not self.flow.consent_note:
            message = (
                'say in "consent_note" where these people agreed to marketing messages; those '
                "without consent will receive nothing."
            )
            yield _problem(Code.NO_CONSENT_NOTE, ("purpose",), message, Severity.WARNING)
        most = worst_week(self.flow, self.steps)
        if most is None or most > MANY_A_WEEK:
            amount = "any number of" if most is None else f"{most}"
            message = f"one person may get {amount} messages from this flow within a week."
            yield _problem(Code.MANY_MESSAGES, ("steps",), message, Severity.WARNING)


def _problem(
    code: Code, path: Path, message: str, severity: Severity = Severity.ERROR
) -> FlowProblem:
    return FlowProblem(code, pointer_to(path), message, severity)
