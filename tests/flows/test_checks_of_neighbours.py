"""What a flow is told about the flows beside it."""

from __future__ import annotations

import pytest

from engine.flows.problems import Code, FlowProblem
from tests.flows.reading import load
from tests.flows.test_every_code import END, IN_DE, IN_SG, MAIL, SETS, TELLS, findings, flow_of

OFFER = f"{MAIL % 'offer'}\n{END}"
ANSWER = f"{MAIL % 'answer'}\n{END}"


def told(text: str, *others: str) -> list[tuple[Code, str]]:
    return [(problem.code, problem.pointer) for problem in findings(load(text), *others)]


def event(name: str, when: str = "") -> str:
    return f"{{on: event, event: {name}{f', when: {when}' if when else ''}}}"


def offer(name: str, trigger: str) -> str:
    return flow_of(OFFER, name=name, trigger=trigger, marketing=True)


def test_people_kept_apart_have_no_conflict() -> None:
    own = flow_of(SETS % "new", trigger=IN_SG)
    assert told(own, flow_of(SETS % "connected", name="other", trigger=IN_DE)) == []
    crossing = flow_of(SETS % "connected", name="other", trigger=IN_SG)
    assert told(own, crossing) == [(Code.FIELD_CONFLICT, "/steps/a")]


def test_the_same_value_is_no_conflict() -> None:
    assert told(flow_of(SETS % "new"), flow_of(SETS % "new", name="other")) == []


def test_the_flows_earlier_version_is_not_its_neighbour() -> None:
    assert told(flow_of(SETS % "new"), flow_of(SETS % "connected")) == []


def test_a_tag_that_one_adds_and_the_other_takes_away_is_a_conflict() -> None:
    adds = f"a: {{do: update_record, add_tags: [vip], next: end}}\n{END}"
    takes = adds.replace("add_tags", "remove_tags")
    [problem] = findings(load(flow_of(adds)), flow_of(takes, name="other"))
    assert problem.code is Code.FIELD_CONFLICT
    assert "tag vip on" in problem.message
    assert "tag vip off" in problem.message


def test_events_of_one_person_are_two_events_whatever_they_say() -> None:
    """Rules over two different events do not keep the people apart."""
    small, large = (
        '{"<": [{var: event.properties.n}, 9]}',
        '{">": [{var: event.properties.n}, 9]}',
    )
    own = flow_of(SETS % "new", trigger=event("Asked", small))
    other = flow_of(SETS % "connected", name="other", trigger=event("Asked", large))
    assert told(own, other) == [(Code.FIELD_CONFLICT, "/steps/a")]


def test_two_greetings_for_the_same_event_share_their_audience() -> None:
    own = offer("own", event("Signed Up"))
    assert told(own, offer("other", event("Signed Up"))) == [(Code.SHARED_AUDIENCE, "/trigger")]
    assert told(own, offer("other", event("Left"))) == []


def test_one_event_with_rules_that_exclude_each_other_keeps_audiences_apart() -> None:
    large = offer("own", event("Asked", '{">": [{var: event.properties.n}, 9]}'))
    small = offer("other", event("Asked", '{"<": [{var: event.properties.n}, 9]}'))
    assert told(large, small) == []


def test_flows_of_one_event_that_write_at_different_times_get_along() -> None:
    late = flow_of(
        f"w: {{do: wait, for: 14d, next: mail}}\n{OFFER}",
        name="other",
        trigger=event("Signed Up"),
        marketing=True,
    )
    assert told(offer("own", event("Signed Up")), late) == []


def test_service_shares_its_audience_with_anybody() -> None:
    service = flow_of(ANSWER, name="other", trigger=event("Signed Up"))
    assert told(offer("own", event("Signed Up")), service) == []


def many(name: str, trigger: str) -> str:
    mails = "\n".join(
        f"m{at}: {{do: send_message, template: offer, next: w{at}}}\n"
        f"w{at}: {{do: wait, for: 25h, next: m{at + 1}}}"
        for at in range(5)
    )
    return flow_of(f"{mails}\nm5: {{do: exit}}", name=name, trigger=trigger, marketing=True)


def test_audiences_that_cross_are_told_when_they_get_too_much_together() -> None:
    both = IN_SG.replace("SG", "FR")
    assert told(many("own", IN_SG), many("other", IN_SG)) == [(Code.SHARED_AUDIENCE, "/trigger")]
    assert told(many("own", IN_SG), many("other", both)) == []
    assert told(many("own", IN_SG), offer("other", IN_SG)) == []


def test_service_that_marketing_starts_is_doubted() -> None:
    own = flow_of(ANSWER, name="own", trigger=event("Wanted More"))
    marketing = flow_of(TELLS % "Wanted More", name="other", marketing=True)
    assert told(own, marketing) == [(Code.SERVICE_AFTER_MARKETING, "/trigger")]
    service = flow_of(TELLS % "Wanted More", name="other")
    assert told(own, service) == []


def circle(*flows: tuple[str, str, str, str]) -> list[str]:
    """Flows as (name, trigger, step, entry)."""
    return [
        flow_of(f"a: {{do: {step}, next: end}}\n{END}", name=name, trigger=trigger, head=entry)
        for name, trigger, step, entry in flows
    ]


ALWAYS, AGAIN = "entry: always", "entry: after_exit"


def circles(found: list[FlowProblem]) -> list[str]:
    return [problem.message for problem in found if problem.code is Code.FLOW_CIRCLE]


@pytest.mark.parametrize(
    ("trigger", "step"),
    [
        (event("Ping"), "record_event, event: Ping"),
        ("{on: record, record: contact, fields: [score]}", "update_record, set: {score: 5}"),
        ("{on: record, record: contact}", "update_record, add_tags: [vip]"),
        (event("Contact Updated"), "update_record, set: {score: 5}"),
        ("{on: record, record: deal, fields: [stage]}", "move_stage, stage: won"),
        ("{on: record, record: contact, fields: [score]}", "adjust_score, by: 1"),
        (
            "{on: record, record: contact, fields: [score]}",
            'update_record, compute: {score: {"+": [{var: contact.score}, 1]}}',
        ),
        (
            "{on: record, record: contact, fields: [country]}",
            'call_webhook, url: "https://example.com/ask", keep: {country: land}',
        ),
    ],
)
def test_a_flow_that_starts_itself_goes_round(trigger: str, step: str) -> None:
    own, once = circle(("own", trigger, step, ALWAYS), ("own", trigger, step, "entry: once"))
    assert len(circles(findings(load(own)))) == 1
    assert circles(findings(load(once))) == []


def test_a_change_of_another_field_starts_nobody() -> None:
    trigger = "{on: record, record: contact, fields: [country]}"
    [own] = circle(("own", trigger, "update_record, set: {score: 5}", ALWAYS))
    assert circles(findings(load(own))) == []


def test_three_flows_in_a_circle_are_named_in_their_order() -> None:
    own, second, third = circle(
        ("own", event("A"), "record_event, event: B", ALWAYS),
        ("second", event("B"), "start_flow, flow: third", AGAIN),
        ("third", "{on: manual}", "record_event, event: A", ALWAYS),
    )
    known = own.replace("next", "next")
    [message] = circles(findings(load(known), second, third))
    assert "Own > Second > Third > Own" in message
    assert circles(findings(load(known), second, third.replace(ALWAYS, "entry: once"))) == []


def test_a_circle_that_the_flow_is_not_part_of_is_somebody_elses() -> None:
    own, second, third = circle(
        ("own", event("X"), "record_event, event: B", ALWAYS),
        ("second", event("B"), "record_event, event: C", ALWAYS),
        ("third", event("C"), "record_event, event: B", ALWAYS),
    )
    assert circles(findings(load(own), second, third)) == []


def test_a_flow_that_hears_how_another_ends_can_close_a_circle() -> None:
    own, second = circle(
        ("own", "{on: manual}", "adjust_score, by: 1", ALWAYS),
        ("second", "{on: flow, flow: own}", "start_flow, flow: own", ALWAYS),
    )
    assert len(circles(findings(load(own), second))) == 1
