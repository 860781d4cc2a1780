"""The flows that are shipped to be copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.flows.dump import dump_flow
from engine.flows.model import TriggerKind
from engine.steps import STEP_KINDS
from tests.flows.reading import check, load

FOLDER = Path(__file__).parents[2] / "templates" / "flows"
FILES = sorted(FOLDER.glob("*.yaml"))
TEMPLATES = {"welcome", "offer", "win_back", "win_back_offer"}


def test_the_promised_flows_are_there() -> None:
    assert {"welcome", "win_back", "lead_follow_up"} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_loads_under_its_own_name_without_any_finding(file: Path) -> None:
    flow = load(file.read_bytes(), file.name)
    assert flow.name == file.stem
    assert check(flow, TEMPLATES) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_survives_being_written(file: Path) -> None:
    flow = load(file.read_bytes(), file.name)
    assert load(dump_flow(flow, kinds=STEP_KINDS)) == flow


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_speaks_to_the_marketer_who_copies_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "# Change:" in text


def test_the_win_back_waits_can_be_shortened_by_replacing_a_value() -> None:
    text = (FOLDER / "win_back.yaml").read_text(encoding="utf-8")
    assert text.count("for: P3D") == 1
    flow = load(text.replace("for: P3D", "for: PT2S"))
    assert flow.nodes["let_it_work"].settings == {"for": "PT2S"}
    assert flow.trigger.on is TriggerKind.SEGMENT


def test_the_example_of_the_documentation_loads() -> None:
    page = (FOLDER.parents[1] / "docs" / "flow_files.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert check(load(example), TEMPLATES) == []
