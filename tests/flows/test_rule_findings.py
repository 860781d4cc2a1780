from __future__ import annotations

from engine.flows.problems import Code, FlowProblem, Severity
from tests.flows.reading import check, load, with_steps

PAUSE = "pause: {do: wait, for: 1d, next: done}\ndone: {do: exit}"


def found(cases: list[str]) -> list[FlowProblem]:
    lines = "\n".join(f"    - {{when: {case}, next: done}}" for case in cases)
    steps = f"ask:\n  do: branch\n  cases:\n{lines}\n  else: done\ndone: {{do: exit}}"
    return check(load(with_steps(steps)))


def score(sign: str, value: int) -> str:
    return f'{{"{sign}": [{{var: contact.score}}, {value}]}}'


SG, VIP = '{"==": [{var: contact.country}, SG]}', "{has: [{var: contact.tags}, vip]}"


def test_a_rule_that_contradicts_itself_is_refused_at_the_condition_that_does() -> None:
    rule = f'{{"and": [{score(">=", 40)}, {SG}, {score("<", 20)}]}}'
    text = with_steps(PAUSE).replace("{on: manual}", f"{{on: segment, when: {rule}}}")
    (problem,) = check(load(text))
    assert (problem.code, problem.severity) == (Code.NEVER_TRUE, Severity.ERROR)
    assert problem.pointer == "/trigger/when/and/2"
    assert "/and/0" in problem.message


def test_an_exit_rule_that_can_never_hold_is_refused() -> None:
    rule = "{and: [{is_set: [{var: contact.city}]}, {is_empty: [{var: contact.city}]}]}"
    (problem,) = check(load(with_steps(PAUSE, head=f"exit_when: {rule}")))
    assert (problem.code, problem.severity) == (Code.NEVER_TRUE, Severity.ERROR)


def test_a_case_that_an_earlier_one_swallows_is_never_reached() -> None:
    (problem,) = found([score(">=", 40), score(">=", 80)])
    assert (problem.code, problem.pointer) == (Code.UNREACHABLE_CASE, "/steps/ask/cases/1")
    assert "case 1" in problem.message


def test_a_case_that_earlier_ones_share_among_them_is_never_reached() -> None:
    problem = found([score(">=", 40), score("<", 60), "{is_set: [{var: contact.score}]}"])[0]
    assert (problem.code, problem.pointer) == (Code.UNREACHABLE_CASE, "/steps/ask/cases/2")


def test_narrow_before_wide_is_an_order_and_no_overlap() -> None:
    assert found([score(">=", 80), score(">=", 40)]) == []


def test_cases_that_cross_each_other_are_warned_about_once_for_the_later_one() -> None:
    (problem,) = found([VIP, SG])
    assert (problem.code, problem.severity) == (Code.OVERLAPPING_CASES, Severity.WARNING)
    assert problem.pointer == "/steps/ask/cases/1"


def test_cases_that_exclude_each_other_have_no_finding() -> None:
    assert found([SG, '{"==": [{var: contact.country}, MY]}']) == []
