"""Drivers that were started by an older version go on under this one: recorded histories replay.

A test that fails here means that a running driver would stop with a nondeterminism error. Change
the workflow behind `workflow.patched("a-name")`, keep the old path while such drivers may live, and
record a new history with `python -m tests.workflows.record_histories`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from engine.worker import sandboxed_runner
from engine.workflows import ALL_WORKFLOWS

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_recorded_history_replays(file: Path) -> None:
    history = WorkflowHistory.from_json(f"recorded-{file.stem}", file.read_text("utf-8"))
    replayer = Replayer(
        workflows=ALL_WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=sandboxed_runner(),
    )
    result = await replayer.replay_workflow(history)
    assert result.replay_failure is None


def definition_of(workflow: type) -> Any:
    return getattr(workflow, "__temporal_workflow_definition")


def test_every_workflow_has_a_recorded_history() -> None:
    names = {definition_of(workflow).name for workflow in ALL_WORKFLOWS}
    assert {file.stem.split("-")[0] for file in HISTORIES} == names
