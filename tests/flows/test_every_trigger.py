"""What every kind of trigger owes: a file, a paragraph, words, and a stored form that stays."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.flows.check import check_flow
from engine.flows.dump import dump_flow
from engine.flows.form import WIDGETS, fields_of
from engine.flows.load import load_flow
from engine.flows.model import Flow, from_definition
from engine.flows.problems import Code, FlowRefused
from engine.flows.triggers import TRIGGER_KINDS
from engine.flows.words import Words
from engine.machines.plan import compile_plan
from engine.rules import Catalogue, CustomField, Facts, Label, Type
from engine.steps import STEP_KINDS

ROOT = Path(__file__).parents[2]
KINDS = sorted(TRIGGER_KINDS)
DOCS = (ROOT / "docs" / "triggers.md").read_text(encoding="utf-8")
HAN = re.compile(r"[\u4e00-\u9fff]")
CATALOGUE = (
    Catalogue.standard()
    .with_custom_fields([CustomField("contact", "plan", Type.TEXT, Label("plan", "套餐"))])
    .with_segments({"keen_people": True})
)
KNOWN = {"flow": {"welcome"}, "hook_source": {"shop", "2nd-shop"}}


def read(trigger: str, *, entry: str = "once") -> Flow:
    text = f"flow: hello\npurpose: service\ntrigger: {trigger}\nentry: {entry}\n"
    text += "steps:\n  done: {do: exit}\n"
    return load_flow(text, file="hello.yaml", kinds=STEP_KINDS, catalogue=CATALOGUE)


def said(trigger: str) -> list[str]:
    with pytest.raises(FlowRefused) as refused:
        read(trigger)
    return [f"{one.code.value} {one.message}" for one in refused.value.flow_problems]


def is_translated(words: Words) -> bool:
    return bool(words.en) and bool(HAN.search(words.zh)) and not HAN.search(words.en)


def test_every_file_with_a_trigger_is_imported() -> None:
    folder = ROOT / "engine" / "flows" / "triggers"
    found = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^@trigger\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_it_is_documented_with_all_its_settings(name: str) -> None:
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert section, f"docs/triggers.md has no section {name}"
    for key in TRIGGER_KINDS[name].setting_names():
        assert f"`{key}" in section[1], f"docs/triggers.md does not explain {key} of {name}"


def test_no_trigger_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (\w+)$", DOCS, re.MULTILINE)) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_it_speaks_both_languages_and_names_known_widgets(name: str) -> None:
    kind = TRIGGER_KINDS[name]
    assert is_translated(kind.label)
    assert is_translated(kind.help)
    assert kind.icon
    for key, field in fields_of(kind.model_json_schema(by_alias=True)).items():
        assert is_translated(Words(field["title"], field["title_zh"])), key
        assert is_translated(Words(field["description"], field["description_zh"])), key
        assert field["widget"] in WIDGETS, key


# Hashes of versions that may be published somewhere: they never change.
@pytest.mark.parametrize(
    ("trigger", "stored"),
    [
        ("{on: manual}", "a84483606ab0"),
        ("{on: event, event: Signed Up}", "a4182acb618b"),
        ("{on: segment, when: true}", "5944d1d10afc"),
        ("{on: segment, segment: keen_people}", "3210c16537ae"),
        ("{on: segment, segment: keen_people, when: left}", "c12da130653"),
    ],
)
def test_versions_that_were_published_keep_their_hash(trigger: str, stored: str) -> None:
    assert read(trigger).hash().startswith(stored)


RULE = '{"==": [{var: contact.country}, SG]}'
TRIGGERS = [
    ("{on: manual}", None),
    ("{on: event, event: Signed Up}", "Signed Up"),
    (f"{{on: event, event: Signed Up, when: {RULE}}}", "Signed Up"),
    (f"{{on: segment, when: {RULE}}}", None),
    ("{on: segment, segment: keen_people, when: left}", "Segment Left"),
    ("{on: record, record: contact, created: true}", "Contact Created"),
    ("{on: record, record: deal, created: true}", "Deal Created"),
    ("{on: record, record: contact, fields: [tags, custom.plan]}", "Contact Updated"),
    ("{on: record, record: deal, updated: true}", "Deal Updated"),
    ("{on: record, record: deal, fields: [stage, amount]}", "Deal Updated"),
    ("{on: record, record: ticket, when: {changed: [{var: ticket.status}]}}", "Ticket Updated"),
    ("{on: webhook, source: shop}", "Webhook Received"),
    ("{on: webhook, source: 2nd-shop}", "Webhook Received"),
    (f"{{on: webhook, source: shop, event: order/paid, when: {RULE}}}", "order/paid"),
    ('{on: date, field: birthday, yearly: true, at: "08:30", offset: -P7D}', None),
    (f"{{on: date, field: deal.expected_close_on, shift: before, when: {RULE}}}", None),
    ("{on: date, field: birthday, yearly: true, calendar: {field: country}}", None),
    ("{on: schedule, cron: 0 9 * * mon, zone: Asia/Singapore, segment: keen_people}", None),
    (f"{{on: schedule, cron: 0 9 1 * *, zone: UTC, missed: all, when: {RULE}}}", None),
    ("{on: flow, flow: welcome}", "Flow Ended"),
    ("{on: flow, flow: welcome, when: ended, outcome: bought}", "Flow Ended"),
    ("{on: flow, flow: welcome, when: entered}", "Flow Entered"),
    ("{on: flow, flow: welcome, when: goal}", "Goal Reached"),
]


@pytest.mark.parametrize(("written", "event"), TRIGGERS)
def test_it_is_read_stored_written_and_planned(written: str, event: str | None) -> None:
    flow = read(written)
    assert flow.trigger.starts_on == event
    assert from_definition(flow.definition()) == flow
    again = load_flow(
        dump_flow(flow, kinds=STEP_KINDS), file="x", kinds=STEP_KINDS, catalogue=CATALOGUE
    )
    assert (again, again.hash()) == (flow, flow.hash())
    assert check_flow(flow, kinds=STEP_KINDS, catalogue=CATALOGUE, known=KNOWN) == []
    compile_plan(flow, CATALOGUE)
    assert flow.trigger.summary().en
    assert HAN.search(flow.trigger.summary().zh)


@pytest.mark.parametrize(
    ("trigger", "problem"),
    [
        ("{on: recrod}", 'bad_choice "on" cannot be "recrod"; did you mean "record"?'),
        ("{on: event}", 'missing_key "event" is missing.'),
        ("{on: event, evnt: x}", 'unknown_key unknown key "evnt"; did you mean "event"?'),
        (
            "{on: record, record: dael}",
            'bad_choice "record": cannot be "dael"; did you mean',
        ),
        (
            "{on: record, record: contact, created: true, updated: true}",
            'bad_value "created" and "updated" are two triggers; choose one.',
        ),
        (
            "{on: record, record: deal, fields: [stag]}",
            'unknown_field changes of "stag" of a deal are not told; did you mean "stage"?',
        ),
        (
            "{on: flow, flow: welcome, when: end}",
            'bad_choice "when": cannot be "end"; did',
        ),
        (
            "{on: flow, flow: welcome, when: goal, outcome: bought}",
            'bad_value "outcome" speaks of a run that ended; leave it out.',
        ),
        (
            "{on: date, field: birthdy}",
            'unknown_field "birthdy" is no date; did you mean "birthday"',
        ),
        ("{on: date, field: birthday, offset: PT3H}", 'bad_span "offset": an offset is of'),
        ("{on: date, field: birthday, zone: Mars}", 'bad_value "zone": "Mars" is no'),
        ("{on: date, field: birthday, calendar: lunar}", 'bad_value "calendar" is for a date that'),
        ("{on: date, field: birthday, leap_day: x}", 'bad_choice "leap_day": cannot be "x"'),
        ("{on: schedule, cron: '@daily', zone: UTC, when: true}", 'bad_value "cron": "@daily" is'),
        ("{on: schedule, cron: 0 9 * * mon, zone: UTC}", "missing_key say whom it concerns"),
        ("{on: webhook, source: My Shop}", 'bad_name "source": "My Shop" is no source'),
        (
            "{on: record, record: deal, when: {changed_to: [{var: deal.stagee}, x]}}",
            'bad_rule There is no fact "deal.stagee"',
        ),
    ],
)
def test_a_wrong_trigger_is_refused_with_the_way_out(trigger: str, problem: str) -> None:
    assert any(one.startswith(problem) for one in said(trigger)), said(trigger)


def test_a_mistake_in_a_trigger_has_its_place() -> None:
    with pytest.raises(FlowRefused) as refused:
        read("{on: record, record: deal, fields: [stage, nme]}")
    (problem,) = refused.value.flow_problems
    assert (problem.code, problem.pointer, problem.line, problem.column) == (
        Code.UNKNOWN_FIELD,
        "/trigger/fields/1",
        3,
        53,
    )


@pytest.mark.parametrize(
    ("trigger", "code"),
    [
        ("{on: flow, flow: welcom}", Code.UNKNOWN_FLOW),
        ("{on: webhook, source: shopp}", Code.UNKNOWN_SOURCE),
    ],
)
def test_what_does_not_exist_is_found_before_publishing(trigger: str, code: Code) -> None:
    flow = read(trigger)
    (found,) = check_flow(flow, kinds=STEP_KINDS, catalogue=CATALOGUE, known=KNOWN)
    assert found.code is code
    assert "did you mean" in found.message
    assert check_flow(flow, kinds=STEP_KINDS, catalogue=CATALOGUE) == []


@pytest.mark.parametrize(
    ("trigger", "allowed"),
    [
        ("{on: record, record: deal}", True),
        ("{on: flow, flow: welcome}", True),
        ("{on: webhook, source: shop}", True),
        ("{on: segment, segment: keen_people}", False),
        ("{on: manual}", False),
    ],
)
def test_once_per_counts_by_a_property_of_what_happened(trigger: str, allowed: bool) -> None:
    flow = read(trigger, entry="{once_per: record_id}")
    found: list[Any] = check_flow(flow, kinds=STEP_KINDS, catalogue=CATALOGUE)
    assert [one.code for one in found] == ([] if allowed else [Code.ENTRY_NEEDS_EVENT])


@pytest.mark.parametrize(
    ("trigger", "kind", "properties"),
    [
        ("{on: segment, segment: keen_people}", "segment", {"segment": "keen_people"}),
        ("{on: segment, segment: keen_people, when: left}", "segment", {"segment": "keen_people"}),
        ("{on: flow, flow: welcome}", "flow", {"flow": "welcome"}),
        ("{on: event, event: Score Threshold Reached}", "score", {}),
        ("{on: event, event: Goal Reached, when: true}", "flow", {}),
        ("{on: record, record: contact, updated: true}", "record", {}),
    ],
)
def test_what_cadenza_tells_itself_is_believed_from_nobody_else(
    trigger: str, kind: str, properties: dict[str, Any]
) -> None:
    flow = read(trigger)
    rule = compile_plan(flow, CATALOGUE).entry_rule
    assert rule is not None
    for told, lets_in in ((kind, True), ("track", False), ("page", False)):
        event = {"name": flow.trigger.starts_on, "kind": told, "properties": properties}
        facts: Facts = {"event": event, "contact": {}}
        assert rule.holds(facts, datetime(2026, 3, 2, tzinfo=UTC), "UTC") is lets_in
