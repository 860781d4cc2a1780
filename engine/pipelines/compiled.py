"""A pipeline made ready to use: its rules parsed, its spans read, what it must load known.

Made once for each published version and each state of the catalogue, and shared by its deals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.local_time import Span
from engine.pipelines.actions import Actions, CreateTask, Escalate, Notify
from engine.pipelines.fields import reads_of_need
from engine.pipelines.model import PipelineModel, StageModel, TransitionModel
from engine.rendering import variables_of
from engine.rules import Catalogue, Reads, Rule, RuleRefused, parse, union
from engine.steps.span_words import span_of


@dataclass(frozen=True, slots=True)
class Gate:
    """What is asked of a deal. `broken`: the rule cannot be read any more, as a field it asks for
    was taken away, so nothing passes until a new version is published."""

    rule: Rule | None
    needs: tuple[str, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """An allowed move. `after` and `once` make it by itself; `once` None: as soon as `after` is
    over."""

    model: TransitionModel
    gate: Gate
    after: Span | None = None
    once: Gate | None = None

    @property
    def is_automatic(self) -> bool:
        return self.model.automatic is not None

    @property
    def to(self) -> str:
        return self.model.to


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is done after so much working time."""

    after: Span
    then: Actions


@dataclass(frozen=True, slots=True)
class StagePlan:
    """`automatic` are the moves that lead away by themselves, in the order of the document."""

    model: StageModel
    gate: Gate
    alarms: tuple[Alarm, ...]
    rot_after: Span | None
    automatic: tuple[Way, ...]

    @property
    def looks_at_facts(self) -> bool:
        """Whether a change of the deal may move it at once."""
        return any(way.once is not None for way in self.automatic)


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """`reads` is what any rule or demand of it may look at, and any text of it mention."""

    model: PipelineModel
    stages: Mapping[str, StagePlan]
    ways: tuple[Way, ...]
    reads: Reads

    def ways_from(self, stage: str) -> tuple[Way, ...]:
        return tuple(way for way in self.ways if way.model.leads_from(stage))

    @property
    def first(self) -> StagePlan:
        """Where deals begin."""
        return next(stage for stage in self.stages.values() if stage.model.is_open)


def compile_pipeline(model: PipelineModel, catalogue: Catalogue) -> PipelinePlan:
    """The plan of a checked pipeline. A rule that the catalogue no longer fits is `broken` and does
    not keep the rest from working."""
    ways = tuple(_way(way, catalogue) for way in model.transitions)
    stages = {stage.key: _stage(stage, ways, catalogue) for stage in model.stages}
    gates = [
        *(stage.gate for stage in stages.values()),
        *(way.gate for way in ways),
        *(way.once for way in ways if way.once is not None),
    ]
    return PipelinePlan(model, stages, ways, _reads(gates, model, catalogue))


def _way(way: TransitionModel, catalogue: Catalogue) -> Way:
    auto = way.automatic
    return Way(
        way,
        _gate(way.when, way.needs, catalogue),
        span_of(auto.after) if auto and auto.after else None,
        _gate(auto.when, (), catalogue) if auto and auto.when is not None else None,
    )


def _stage(stage: StageModel, ways: Iterable[Way], catalogue: Catalogue) -> StagePlan:
    leading = tuple(way for way in ways if way.is_automatic and way.model.leads_from(stage.key))
    return StagePlan(
        stage,
        _gate(stage.when, stage.needs, catalogue),
        tuple(Alarm(span_of(alert.after), alert.then) for alert in stage.sla),
        span_of(stage.rot_after) if stage.rot_after else None,
        leading if stage.is_open else (),
    )


def _gate(document: object, needs: tuple[str, ...], catalogue: Catalogue) -> Gate:
    if document is None:
        return Gate(None, needs)
    try:
        return Gate(parse(document, catalogue, event_rule=False, subject="deal"), needs)
    except RuleRefused:
        return Gate(None, needs, broken=True)


def _reads(gates: list[Gate], model: PipelineModel, catalogue: Catalogue) -> Reads:
    needs = [path for gate in gates for name in gate.needs if (path := reads_of_need(name))]
    mentioned = {name for text in _texts(model) for name in variables_of(text)}
    paths = frozenset(tuple(name.split(".")) for name in mentioned) | frozenset(needs)
    asked = [gate.rule.reads for gate in gates if gate.rule is not None]
    return union([*asked, Reads(fields=_whole(paths, catalogue))])


def _whole(paths: frozenset[tuple[str, ...]], catalogue: Catalogue) -> frozenset[tuple[str, ...]]:
    """Money is read with both of its parts, and a custom field by its document."""
    found: set[tuple[str, ...]] = set()
    for path in paths:
        fact = catalogue.records.get(path[0], {}).get(".".join(path[1:]))  # type: ignore[call-overload]
        if fact is not None and fact.type == "money":
            found |= {(*path, "minor"), (*path, "currency")}
        else:
            found.add(path)
    return frozenset(found)


def _texts(model: PipelineModel) -> Iterable[str]:
    for stage in model.stages:
        lists = [stage.on_enter, stage.on_exit, stage.rotten, *(one.then for one in stage.sla)]
        for action in (action for actions in lists for action in actions):
            if isinstance(action, Notify | CreateTask | Escalate):
                yield from action.texts.values()
