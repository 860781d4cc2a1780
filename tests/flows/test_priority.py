"""What a flow's messages are worth beside those of other flows."""

from __future__ import annotations

import pytest

from engine.flows.dump import dump_flow
from engine.flows.load import load_flow
from engine.flows.model import Flow, from_definition
from engine.flows.problems import FlowRefused
from engine.rules import Catalogue
from engine.steps import STEP_KINDS

CATALOGUE = Catalogue.standard()
TEXT = """
flow: sale
purpose: service
PRIORITY
trigger: {on: manual}
steps:
  done: {do: exit}
"""


def loaded(line: str) -> Flow:
    text = TEXT.replace("PRIORITY", line)
    return load_flow(text, file="sale.yaml", kinds=STEP_KINDS, catalogue=CATALOGUE)


def test_the_usual_priority_changes_no_hash() -> None:
    usual = loaded("label: Sale")
    assert "priority" not in usual.definition()
    assert loaded("label: Sale\npriority: 5").hash() == usual.hash()
    assert loaded("label: Sale\npriority: 6").hash() != usual.hash()


def test_it_is_stored_and_written_back() -> None:
    flow = loaded("priority: 8")
    assert from_definition(flow.definition()) == flow
    text = dump_flow(flow, kinds=STEP_KINDS)
    assert "priority: 8" in text
    assert load_flow(text, file="x", kinds=STEP_KINDS, catalogue=CATALOGUE) == flow


@pytest.mark.parametrize("wrong", ["0", "10", "high", "2.5", "true", '"5"'])
def test_anything_but_one_to_nine_is_refused(wrong: str) -> None:
    with pytest.raises(FlowRefused) as refused:
        loaded(f"priority: {wrong}")
    assert [one.code for one in refused.value.problems] == ["bad_value"]
