"""The flows that are shipped to be copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.flows.check import check_flow
from engine.flows.checks.outline import Outline, outline_of
from engine.flows.dump import dump_flow
from engine.flows.model import Flow, Purpose
from engine.rules import parse
from engine.services.flow_checks import letters_of
from engine.services.templates import TemplateLibrary
from engine.steps import STEP_KINDS
from tests.flows.reading import CATALOGUE, check, load

FOLDER = Path(__file__).parents[2] / "templates" / "flows"
FILES = sorted(FOLDER.glob("*.yaml"))
PAGE = FOLDER.parents[1] / "docs" / "ready_flows.md"
LIBRARY = TemplateLibrary(FOLDER.parent / "messages")
LETTERS = letters_of(LIBRARY)
PROMISED = {
    "abandoned_cart",
    "anniversary",
    "birthday_care",
    "closed_deal_to_erp",
    "complaint_handling",
    "confirm_subscription",
    "dormant_customer_anomaly",
    "lead_follow_up",
    "post_purchase_review",
    "product_care_tips",
    "re_engagement",
    "renewal_reminder",
    "ticket_survey",
    "welcome",
    "win_back",
}


def outlined(flow: Flow) -> Outline:
    steps = {id_: STEP_KINDS[node.kind].read(node.settings) for id_, node in flow.nodes.items()}
    rule, by_event = flow.trigger.entry_rule, flow.trigger.starts_on is not None
    entry = None if rule is None else parse(rule, CATALOGUE, event_rule=by_event)
    return outline_of(flow, steps, entry)


def flow_in(file: Path) -> Flow:
    return load(file.read_bytes(), file.name)


def test_the_promised_flows_are_there() -> None:
    assert {file.stem for file in FILES} == PROMISED


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_loads_under_its_own_name_without_any_finding(file: Path) -> None:
    flow = flow_in(file)
    assert flow.name == file.stem
    assert check(flow, LETTERS) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_gets_along_with_all_the_others(file: Path) -> None:
    others = [outlined(flow_in(one)) for one in FILES]
    found = check_flow(
        flow_in(file), kinds=STEP_KINDS, catalogue=CATALOGUE, templates=LETTERS, others=others
    )
    assert found == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_messages_speak_both_languages(file: Path) -> None:
    flow = flow_in(file)
    for node in flow.nodes.values():
        for template in STEP_KINDS[node.kind].read(node.settings).templates():
            assert {"en", "zh"} <= set(LIBRARY.languages(template))
            assert LIBRARY.meta(template).purpose == flow.purpose


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_says_what_success_is_or_when_to_stop(file: Path) -> None:
    flow = flow_in(file)
    assert flow.goal is not None or flow.exit_when is not None
    if flow.purpose is Purpose.MARKETING:
        assert flow.consent_note


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_explained(file: Path) -> None:
    assert f"## {file.stem}\n" in PAGE.read_text("utf-8")


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
    assert flow.trigger.on == "segment"


def test_the_example_of_the_documentation_loads() -> None:
    page = (FOLDER.parents[1] / "docs" / "flow_files.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert check(load(example), LETTERS) == []
