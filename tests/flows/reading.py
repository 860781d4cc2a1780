"""Loading flows in tests, with the standard catalogue and every kind of step."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.flows.check import check_flow
from engine.flows.checks.examined import Letter
from engine.flows.load import load_flow
from engine.flows.model import Flow
from engine.flows.problems import FlowProblem, FlowRefused
from engine.rules import Catalogue
from engine.steps import STEP_KINDS

CATALOGUE = Catalogue.standard()


def load(text: str | bytes, file: str = "flow.yaml") -> Flow:
    return load_flow(text, file=file, kinds=STEP_KINDS, catalogue=CATALOGUE)


def refused(text: str | bytes, file: str = "flow.yaml") -> tuple[FlowProblem, ...]:
    """The problems of a text that must not load."""
    try:
        load(text, file)
    except FlowRefused as refusal:
        return refusal.flow_problems
    raise AssertionError("the flow was accepted")


def check(
    flow: Flow, templates: Collection[str] | Mapping[str, Letter] | None = None
) -> list[FlowProblem]:
    return check_flow(flow, kinds=STEP_KINDS, catalogue=CATALOGUE, templates=templates)


def with_steps(steps: str, *, head: str = "") -> str:
    """A small flow around the given lines of `steps`."""
    body = "\n".join(f"  {line}" for line in steps.strip().splitlines())
    return f"flow: trial\npurpose: service\ntrigger: {{on: manual}}\n{head}\nsteps:\n{body}\n"
