from __future__ import annotations

from engine.flows.mentions import Mention, missing
from engine.flows.problems import Code
from engine.steps import StartFlow
from engine.steps.moves import Decide, Leave
from engine.steps.questions import EnterFlow, Verdict
from tests.steps.standing import standing


def test_our_records_are_asked_and_their_answer_is_the_exit() -> None:
    step = StartFlow.read({"flow": "win_back"})
    assert step.enter(standing(step)) == Decide(EnterFlow("win_back"))
    answer = Verdict("refused", {"reason": "entered_before"})
    assert step.decided(standing(step), answer) == Leave("refused", answer.why, afresh=True)


def test_a_flow_that_is_not_there_is_found_before_publishing() -> None:
    step = StartFlow.read({"flow": "win_bak"})
    assert step.mentions() == (Mention("flow", "win_bak", ("flow",)),)
    (problem,) = missing(step.mentions(), {"flow": {"win_back"}})
    assert problem.code is Code.UNKNOWN_FLOW
    assert 'did you mean "win_back"?' in problem.message
    assert missing(step.mentions(), {}) == []
