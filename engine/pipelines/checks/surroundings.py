"""What a pipeline names that must be there: facts, fields, calendars, people, other definitions."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.pipelines.checks.actions import action_problems
from engine.pipelines.checks.definitions import definition_problems
from engine.pipelines.checks.people import people_problems
from engine.pipelines.checks.rules import GateRules
from engine.pipelines.fields import is_needable, needable
from engine.pipelines.model import PipelineModel, StageModel, TransitionModel
from engine.rules import Rule


def surroundings_problems(model: PipelineModel, world: World) -> list[Problem]:
    """Every one, as the world is now. `model` has no mistake of shape."""
    return [*_Asked(model, world).problems()]


class _Asked:
    def __init__(self, model: PipelineModel, world: World) -> None:
        self._model = model
        self._world = world
        self._rules = GateRules(world.catalogue)

    def problems(self) -> Iterator[Problem]:
        calendar = self._model.calendar
        if calendar is not None and not self._world.has_calendar(calendar):
            known = self._world.calendars or ()
            words = f"there is no calendar {shown(calendar)}; {did_you_mean(calendar, known)}"
            yield Problem("/calendar", "unknown_calendar", words)
        entry: dict[str, Rule | None] = {}
        for at, stage in enumerate(self._model.stages):
            place = f"/stages/{at}"
            entry[stage.key] = self._rules.read(stage.when, f"{place}/when")
            yield from self._rules.taken()
            yield from self._needs(stage.needs, f"{place}/needs")
            yield from self._actions(stage, place)
        for at, way in enumerate(self._model.transitions):
            yield from self._way(way, entry, f"/transitions/{at}")

    def _way(
        self, way: TransitionModel, entry: dict[str, Rule | None], place: str
    ) -> Iterator[Problem]:
        rule = self._rules.read(way.when, f"{place}/when")
        yield from self._rules.taken()
        yield from self._rules.contradiction(rule, entry.get(way.to), f"{place}/when", way.to)
        yield from self._needs(way.needs, f"{place}/needs")
        yield from people_problems(way.who, self._world, f"{place}/who")
        if way.approval is not None:
            chain = DefinitionKind.APPROVAL
            yield from definition_problems(chain, way.approval, self._world, f"{place}/approval")
        if way.automatic is not None:
            own = self._rules.read(way.automatic.when, f"{place}/automatic/when")
            yield from self._rules.taken()
            for other in (rule, entry.get(way.to)):
                yield from self._rules.contradiction(own, other, f"{place}/automatic/when", way.to)

    def _needs(self, names: tuple[str, ...], place: str) -> Iterator[Problem]:
        for at, name in enumerate(names):
            if not is_needable(name, self._world.catalogue):
                meant = did_you_mean(name, needable(self._world.catalogue))
                yield Problem(
                    f"{place}/{at}", "unknown_field", f"there is no field {shown(name)}; {meant}"
                )

    def _actions(self, stage: StageModel, place: str) -> Iterator[Problem]:
        for name, actions in (
            ("on_enter", stage.on_enter),
            ("on_exit", stage.on_exit),
            ("rotten", stage.rotten),
        ):
            yield from action_problems(actions, self._world, f"{place}/{name}")
        for at, alert in enumerate(stage.sla):
            yield from action_problems(alert.then, self._world, f"{place}/sla/{at}/then")
