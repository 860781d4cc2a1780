"""What a flow is told about its own ways: amounts, loops, leaving, and service that is none."""

from __future__ import annotations

from time import process_time

import pytest

from engine.flows.checks.most_messages import DAY, WEEK, most_messages
from engine.flows.problems import Code, Severity
from engine.steps import STEP_KINDS
from tests.flows.reading import check, load, with_steps
from tests.flows.test_every_code import END, LETTERS, MAIL, findings, flow_of

ANSWER = MAIL % "answer"
OFFER = MAIL % "offer"


def codes(text: str, *others: str) -> list[Code]:
    return [problem.code for problem in findings(load(text), *others)]


def most(steps: str, within: object = WEEK) -> int | None:
    flow = load(with_steps(steps))
    read = {name: STEP_KINDS[node.kind].read(node.settings) for name, node in flow.nodes.items()}
    return most_messages(flow, read, within)  # type: ignore[arg-type]  # DAY or WEEK


def rounds(limit: int, pause: str = "1h") -> str:
    return f"""
mail: {{do: send_message, template: answer, next: pause}}
pause: {{do: wait, for: {pause}, next: again}}
again: {{do: jump, at_most: {limit}, exits: {{again: mail, enough: end}}}}
{END}
"""


def test_a_limited_loop_counts_as_often_as_it_lets_people_round() -> None:
    assert most(rounds(2)) == 3
    assert most(rounds(2), DAY) == 3


def test_a_limited_loop_counts_less_when_the_time_is_shorter_than_all_rounds() -> None:
    assert most(rounds(20, "2d")) == 4
    assert most(rounds(20, "2d"), DAY) == 1


def test_two_limits_inside_each_other_add_up() -> None:
    steps = f"""
mail: {{do: send_message, template: answer, next: inner}}
inner: {{do: jump, at_most: 2, exits: {{again: mail, enough: outer}}}}
outer: {{do: jump, at_most: 1, exits: {{again: mail, enough: end}}}}
{END}
"""
    # each limit counts over the whole run: one way and three times back
    assert most(steps) == 4


def test_the_busiest_day_is_told_beside_the_busiest_week() -> None:
    steps = "\n".join(
        f"m{at}: {{do: send_message, template: answer, next: w{at}}}\n"
        f"w{at}: {{do: wait, for: 5h, next: m{at + 1}}}"
        for at in range(3)
    )
    [problem] = findings(load(flow_of(f"{steps}\nm3: {{do: exit}}")))
    assert problem.code is Code.MANY_MESSAGES
    assert "3 messages from this flow within a day and 3 messages within a week" in problem.message


@pytest.mark.parametrize(
    ("head", "sound"),
    [
        ("", False),
        ('exit_when: {"==": [{var: contact.country}, SG]}', True),
        ("goal: {event: Bought}", False),
        ("goal: {event: Bought, exits: true}", True),
    ],
)
def test_a_loop_is_endless_unless_something_ends_the_run(head: str, *, sound: bool) -> None:
    steps = "a: {do: adjust_score, by: 1, next: pause}\npause: {do: wait, for: 1mo, next: a}"
    assert codes(flow_of(steps, head=head)) == ([] if sound else [Code.ENDLESS_LOOP])


def test_a_limited_loop_is_not_endless() -> None:
    assert Code.ENDLESS_LOOP not in codes(flow_of(rounds(3, "1mo")))


CUSTOMER = '{"==": [{var: contact.lifecycle_stage}, customer]}'


def test_a_case_whose_people_have_left_is_never_reached() -> None:
    steps = f"a: {{do: branch, cases: [{{when: {CUSTOMER}, next: end}}], else: end}}\n{END}"
    [problem] = findings(load(flow_of(steps, head=f"exit_when: {CUSTOMER}")))
    assert (problem.code, problem.pointer) == (Code.UNREACHABLE_CASE, "/steps/a/cases/0")
    assert "exit_when" in problem.message


def test_a_case_that_some_people_of_it_can_reach_is_sound() -> None:
    case = "{in: [{var: contact.lifecycle_stage}, [customer, lead]]}"
    steps = f"a: {{do: branch, cases: [{{when: {case}, next: end}}], else: end}}\n{END}"
    assert codes(flow_of(steps, head=f"exit_when: {CUSTOMER}")) == []


def branching(*cases: str) -> str:
    written = ", ".join(f"{{when: {case}, next: end}}" for case in cases)
    return flow_of(f"a: {{do: branch, cases: [{written}], else: end}}\n{END}")


@pytest.mark.parametrize(
    "cases",
    [
        ("true",),
        ('{"<": [{var: contact.score}, 5]}', '{"!": [{"<": [{var: contact.score}, 5]}]}'),
    ],
)
def test_an_else_that_nobody_is_left_for_is_doubted(cases: tuple[str, ...]) -> None:
    [problem] = [one for one in findings(load(branching(*cases))) if "else" in one.pointer]
    assert (problem.code, problem.pointer) == (Code.UNREACHABLE_CASE, "/steps/a/else")
    assert problem.severity is Severity.WARNING


def test_who_has_no_score_is_left_for_the_else() -> None:
    both = ('{"<": [{var: contact.score}, 5]}', '{">=": [{var: contact.score}, 5]}')
    assert codes(branching(*both)) == []


def test_a_flow_of_events_that_everybody_leaves_at_once_is_refused() -> None:
    trigger = f"{{on: event, event: Signed Up, when: {CUSTOMER}}}"
    text = flow_of(f"{ANSWER}\n{END}", trigger=trigger, head=f"exit_when: {CUSTOMER}")
    assert codes(text) == [Code.LEAVES_AT_ONCE]


@pytest.mark.parametrize("entry", ["once", "{every: P30D}"])
def test_marketing_whose_entry_is_limited_is_sound(entry: str) -> None:
    text = flow_of(
        f"{OFFER}\n{END}",
        trigger="{on: event, event: Page Viewed}",
        head=f"entry: {entry}",
        marketing=True,
    )
    assert codes(text) == []


def test_marketing_again_after_the_last_round_is_sound_when_a_round_takes_a_week() -> None:
    slow = f"w: {{do: wait, for: 8d, next: mail}}\n{OFFER}\n{END}"
    trigger = "{on: event, event: Page Viewed}"
    more = {"trigger": trigger, "head": "entry: after_exit", "marketing": True}
    assert codes(flow_of(slow, **more)) == []  # type: ignore[arg-type]  # as spelled above
    quick = slow.replace("8d", "1d")
    assert codes(flow_of(quick, **more)) == [Code.MANY_ENTRIES]  # type: ignore[arg-type]


def test_service_that_answers_every_request_is_sound() -> None:
    text = flow_of(f"{ANSWER}\n{END}", trigger="{on: event, event: Asked}", head="entry: always")
    assert codes(text) == []


def test_a_service_flow_that_sends_nothing_may_be_started_by_anything() -> None:
    steps = f"a: {{do: adjust_score, by: 1, next: end}}\n{END}"
    assert codes(flow_of(steps, trigger="{on: event, event: Message Opened}")) == []


def test_a_message_whose_custom_field_exists_is_sound() -> None:
    flow = load(flow_of(f"{OFFER}\n{END}", marketing=True))
    assert check(flow, LETTERS) == []


def test_names_alone_leave_the_contents_of_messages_unchecked() -> None:
    flow = load(flow_of(f"{MAIL % 'personal'}\n{END}"))
    assert check(flow, ["personal"]) == []


def test_a_flow_of_thirty_nodes_is_checked_in_milliseconds() -> None:
    """Rules are analysed once; after that a check is what the designer asks at every change."""
    case = '{when: {">": [{var: contact.score}, %d]}, next: w%d}'
    steps = "\n".join(
        f"b{at}: {{do: branch, cases: [{case % (at, at)}], else: w{at}}}\n"
        f"w{at}: {{do: wait, for: 2d, next: m{at}}}\n"
        f"m{at}: {{do: send_message, template: answer, next: b{at + 1}}}"
        for at in range(10)
    )
    flow = load(flow_of(f"{steps}\nb10: {{do: exit}}", head=f"exit_when: {CUSTOMER}"))
    assert findings(flow) == []
    began = process_time()
    for _ in range(5):
        findings(flow)
    assert (process_time() - began) / 5 < 0.1


def scheduled(cron: str, entry: str, steps: str = f"{OFFER}\n{END}") -> str:
    trigger = f'{{on: schedule, cron: "{cron}", zone: Asia/Singapore, when: true}}'
    return flow_of(steps, trigger=trigger, head=f"entry: {entry}", marketing=True)


@pytest.mark.parametrize(
    ("cron", "entry"),
    [
        ("*/15 * * * *", "always"),
        ("*/15 * * * *", "after_exit"),
        ("0 9,13,18 * * *", "{always: {at_most: 3}}"),
        ("0 * * * *", "{every: PT6H}"),
        ("0 9-11 24 12 *", "always"),
    ],
)
def test_a_schedule_that_writes_too_often_is_doubted(cron: str, entry: str) -> None:
    assert codes(scheduled(cron, entry)) == [Code.MANY_ENTRIES]


@pytest.mark.parametrize(
    ("cron", "entry"),
    [
        ("*/15 * * * *", "once"),
        ("*/15 * * * *", "{every: P1D}"),
        ("0 9 * * *", "always"),
        ("0 9 29 2 *", "always"),
        ("0 9 * * mon", "always"),
    ],
)
def test_a_schedule_in_good_measure_is_sound(cron: str, entry: str) -> None:
    assert codes(scheduled(cron, entry)) == []


def test_a_schedule_again_after_the_last_round_is_sound_when_a_round_takes_its_time() -> None:
    slow = f"w: {{do: wait, for: 1d, next: mail}}\n{OFFER}\n{END}"
    assert codes(scheduled("*/15 * * * *", "after_exit", slow)) == []


@pytest.mark.parametrize(
    ("trigger", "doubts"),
    [
        ("field: birthday, yearly: true, calendar: lunar", 1),
        ("field: birthday, yearly: true", 1),
        ("field: birthday, yearly: true, calendar: gregorian, shift: before", 1),
        ("field: birthday, yearly: true, calendar: gregorian", 0),
        ("field: deal.expected_close_on", 0),
    ],
)
def test_a_year_between_dates_that_come_sooner_is_doubted(trigger: str, doubts: int) -> None:
    text = flow_of(
        f"{ANSWER}\n{END}", trigger=f"{{on: date, {trigger}}}", head="entry: {every: P1Y}"
    )
    assert codes(text) == [Code.YEARS_SKIPPED] * doubts
    assert codes(text.replace("P1Y", "P300D")) == []
