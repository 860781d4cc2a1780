"""One step of a flow file: its kind, settings, rules and ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.flows.model import Node, StepKind, StepSettings
from engine.flows.problems import Code, Path, SettingProblem, SettingsRefused, did_you_mean, shown
from engine.flows.reading import Reader
from engine.rules import Catalogue, RuleRefused, parse


class NodeReader:
    """Keeps what it read, since the wiring of a node can only be judged beside all others."""

    def __init__(self, reader: Reader, kinds: Mapping[str, StepKind], catalogue: Catalogue) -> None:
        self.reader = reader
        self.kinds = kinds
        self.catalogue = catalogue
        self.steps: dict[str, StepSettings] = {}
        self.written: dict[str, Mapping[str, Any]] = {}

    def read(self, name: str, raw: Any) -> Node | None:
        """The node, or None when its kind is unknown or its settings are wrong."""
        path: Path = ("steps", name)
        self.reader.name(name, path, "the step's name")
        given = self.reader.mapping(raw, path, f'the step "{name}"')
        if given is None or not self.reader.required(given, "do", path):
            return None
        kind = self._kind(given["do"], path)
        if kind is None:
            return None
        given = self._with_sound_exits(given, path)
        settings, exits = kind.split_exits(given)
        self.written[name] = given
        step = self._settings(name, kind, settings, path)
        self._rules(kind, settings, path)
        targets = self._targets(kind, given, exits, path)
        if step is None:
            return None
        self.steps[name] = step
        return Node(name, given["do"], settings, targets)

    def check_rule(self, document: Any, path: Path, *, event_rule: bool) -> None:
        try:
            parse(document, self.catalogue, event_rule=event_rule)
        except RuleRefused as refused:
            for problem in refused.problems:
                place = (*path, *_steps_of(problem.pointer))
                self.reader.refuse(Code.BAD_RULE, place, problem.message, detail=problem.code)

    def _kind(self, kind: Any, path: Path) -> StepKind | None:
        if isinstance(kind, str) and kind in self.kinds:
            return self.kinds[kind]
        message = f"there is no kind of step {shown(kind)}; {did_you_mean(str(kind), self.kinds)}"
        self.reader.refuse(Code.UNKNOWN_STEP, (*path, "do"), message)
        return None

    def _with_sound_exits(self, given: dict[str, Any], path: Path) -> dict[str, Any]:
        exits = given.get("exits")
        if exits is None or isinstance(exits, dict):
            return given
        self.reader.refuse(
            Code.WRONG_TYPE,
            (*path, "exits"),
            f'"exits" is a mapping of exits to steps, not {shown(exits)}.',
        )
        return {key: value for key, value in given.items() if key != "exits"}

    def _settings(
        self, name: str, kind: StepKind, settings: Mapping[str, Any], path: Path
    ) -> StepSettings | None:
        step: StepSettings | None = None
        found: Sequence[SettingProblem] = ()
        try:
            step = kind.read(settings)
        except SettingsRefused as refused:
            found = refused.problems
        for problem in (*found, *kind.catalogue_problems(settings, self.catalogue)):
            message = f'step "{name}": {problem.message}'
            self.reader.refuse(problem.code, (*path, *problem.path), message, detail=problem.detail)
        return step

    def _rules(self, kind: StepKind, settings: Mapping[str, Any], path: Path) -> None:
        for key, document in kind.written_rules(settings).items():
            place = (*path, *key.split("/"))
            self.check_rule(document, place, event_rule=kind.rule_reads_event(key))

    def _targets(
        self, kind: StepKind, given: Mapping[str, Any], exits: Mapping[str, Any], path: Path
    ) -> dict[str, str]:
        targets = {}
        for exit_name, target in exits.items():
            if isinstance(target, str):
                targets[exit_name] = target
                continue
            place = (*path, *kind.exit_path(given, exit_name))
            message = f'"{place[-1]}" is the name of a step, not {shown(target)}.'
            self.reader.refuse(Code.WRONG_TYPE, place, message)
        return targets


def _steps_of(pointer: str) -> Path:
    """The members of a JSON Pointer, unescaped."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
