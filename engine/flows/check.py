"""What can be seen wrong with a flow without running it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.flows.checks.cases import case_findings
from engine.flows.checks.examined import Examined, Letter, found
from engine.flows.checks.leaving import leaving_problems
from engine.flows.checks.letters import letter_problems
from engine.flows.checks.manners import entry_problems, manner_problems
from engine.flows.checks.neighbours import neighbour_problems
from engine.flows.checks.outline import Outline
from engine.flows.checks.shape import shape_problems
from engine.flows.checks.taken_answers import taken_answer_problems
from engine.flows.checks.winners import winner_problems
from engine.flows.mentions import Known, missing
from engine.flows.model import Flow, StepKind
from engine.flows.problems import (
    Code,
    FlowProblem,
    Path,
    SettingProblem,
    SettingsRefused,
    did_you_mean,
    pointer_to,
)
from engine.flows.rule_findings import never_true
from engine.rules import Catalogue, Rule, RuleRefused, parse


def check_flow(
    flow: Flow,
    *,
    kinds: Mapping[str, StepKind],
    catalogue: Catalogue,
    templates: Collection[str] | Mapping[str, Letter] | None = None,
    known: Known | None = None,
    others: Sequence[Outline] = (),
) -> list[FlowProblem]:
    """Everything found, errors and warnings; pointers are into the flow as people write it.

    A loaded flow has no mistakes of form left; one from the designer or an old version may.
    `templates` are the messages there are, by name; names alone leave their contents unchecked,
    None leaves them unchecked altogether. `known` are the names of other flows, calendars and the
    like; kinds that it leaves out are unchecked. `others` are the flows that are at work beside
    this one; its own earlier version among them does not count.
    """
    letters = templates if isinstance(templates, Mapping) else {}
    seen = Examined(flow, kinds, catalogue, templates, letters, others)
    return list(_Check(seen, known or {}).findings())


class _Check:
    """Reads the steps and rules of a flow, then asks every check."""

    def __init__(self, seen: Examined, known: Known) -> None:
        self.seen = seen
        self.flow = seen.flow
        self.known = known

    def findings(self) -> Iterator[FlowProblem]:
        yield from self._settings()
        if len(self.seen.steps) < len(self.flow.nodes):
            return
        yield from self._trigger()
        yield from self._rules()
        yield from self._mentions()
        for check in (
            shape_problems,
            letter_problems,
            case_findings,
            leaving_problems,
            entry_problems,
            manner_problems,
            neighbour_problems,
            winner_problems,
            taken_answer_problems,
        ):
            yield from check(self.seen)

    def _settings(self) -> Iterator[FlowProblem]:
        for name, node in self.flow.nodes.items():
            kind = self.seen.kinds.get(node.kind)
            if kind is None:
                meant = did_you_mean(node.kind, self.seen.kinds)
                message = f'there is no kind of step "{node.kind}"; {meant}'
                yield found(Code.UNKNOWN_STEP, ("steps", name, "do"), message)
                continue
            try:
                self.seen.steps[name] = kind.read(node.settings)
                mistakes: Sequence[SettingProblem] = ()
            except SettingsRefused as refused:
                mistakes = refused.problems
            unfit = kind.catalogue_problems(node.settings, self.seen.catalogue)
            for problem in (*mistakes, *unfit):
                message = f'step "{name}": {problem.message}'
                yield found(problem.code, ("steps", name, *problem.path), message)

    def _trigger(self) -> Iterator[FlowProblem]:
        trigger = self.flow.trigger
        unfit = trigger.catalogue_problems(self.seen.catalogue)
        for problem in (*unfit, *missing(trigger.mentions(), self.known)):
            yield found(problem.code, ("trigger", *problem.path), problem.message)

    def _mentions(self) -> Iterator[FlowProblem]:
        for name, step in self.seen.steps.items():
            for problem in missing(step.mentions(), self.known):
                message = f'step "{name}": {problem.message}'
                yield found(problem.code, ("steps", name, *problem.path), message)

    def _rules(self) -> Iterator[FlowProblem]:
        trigger, catalogue = self.flow.trigger, self.seen.catalogue
        problems = list(
            self._rule(("trigger", "when"), trigger.own_rule, event_rule=trigger.reads_event)
        )
        yield from problems
        if not problems and trigger.entry_rule != trigger.own_rule:
            by_event = trigger.starts_on is not None
            self.seen.entry_rule = _parsed(trigger.entry_rule, catalogue, event_rule=by_event)
        yield from self._rule(("exit_when",), self.flow.exit_when, event_rule=False)
        if (goal := self.flow.goal) is not None:
            yield from self._rule(("goal", "when"), goal.when, event_rule=True)
        for name, step in self.seen.steps.items():
            kind = self.seen.kinds[self.flow.nodes[name].kind]
            for key, document in step.rules().items():
                place = ("steps", name, *key.split("/"))
                yield from self._rule(place, document, event_rule=kind.rule_reads_event(key))

    def _rule(self, path: Path, document: Any, *, event_rule: bool) -> Iterator[FlowProblem]:
        if document is None:
            return
        try:
            rule = parse(document, self.seen.catalogue, event_rule=event_rule)
        except RuleRefused as refused:
            for problem in refused.problems:
                pointer = pointer_to(path) + problem.pointer
                yield FlowProblem(Code.BAD_RULE, pointer, problem.message, detail=problem.code)
            return
        if path[0] == "steps":
            self.seen.rules[str(path[1]), "/".join(map(str, path[2:]))] = rule
        elif path == ("exit_when",):
            self.seen.exit_rule = rule
        elif path == ("trigger", "when"):
            self.seen.entry_rule = rule
        yield from never_true(rule, path, self.seen.catalogue, event_rule=event_rule)


def _parsed(document: object, catalogue: Catalogue, *, event_rule: bool) -> Rule | None:
    """A rule that the trigger put together; what it is made of was complained of already."""
    if document is None:
        return None
    try:
        return parse(document, catalogue, event_rule=event_rule)
    except RuleRefused:
        return None
