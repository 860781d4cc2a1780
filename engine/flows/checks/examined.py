"""What every check is given: the flow, its steps and rules read, and what surrounds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.flows.checks.outline import Outline
from engine.flows.model import Flow, Purpose, StepKind, StepSettings
from engine.flows.problems import Code, FlowProblem, Path, Severity, pointer_to
from engine.rules import Catalogue, Rule


@dataclass(frozen=True, slots=True)
class Letter:
    """A message template as the checks know it: what it is for, the variables it reads in any
    language, as dotted paths, and what is wrong with the files it carries.
    """

    purpose: Purpose
    reads: frozenset[str] = frozenset()
    of_files: str | None = None


Letters: TypeAlias = Mapping[str, Letter]


@dataclass(slots=True)
class Examined:
    """`names` are the templates there are, None when nobody knows; `letters` those whose contents
    are known. `others` are the other flows that are at work. `rules` are those of the nodes that
    could be read, by node and key; `entry_rule` and `exit_rule` are None when there is none or when
    it was refused.
    """

    flow: Flow
    kinds: Mapping[str, StepKind]
    catalogue: Catalogue
    names: Collection[str] | None = None
    letters: Letters = field(default_factory=dict)
    others: Sequence[Outline] = ()
    steps: dict[str, StepSettings] = field(default_factory=dict)
    rules: dict[tuple[str, str], Rule] = field(default_factory=dict)
    entry_rule: Rule | None = None
    exit_rule: Rule | None = None


def found(code: Code, path: Path, message: str, severity: Severity = Severity.ERROR) -> FlowProblem:
    return FlowProblem(code, pointer_to(path), message, severity)


def doubted(code: Code, path: Path, message: str) -> FlowProblem:
    return found(code, path, message, Severity.WARNING)
