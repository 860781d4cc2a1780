from __future__ import annotations

import pytest

from engine.effects import SEND_MESSAGE, Outcome, Receipt
from engine.flows.problems import SettingsRefused
from engine.steps import SendMessage
from engine.steps.moves import Hold, Leave, Perform
from tests.steps.standing import standing

STEP = SendMessage.read({"template": "welcome"})


def test_entering_asks_for_the_message_by_its_template() -> None:
    move = STEP.enter(standing(STEP))
    assert isinstance(move, Perform)
    assert move.effect is SEND_MESSAGE
    assert move.ask == {"template": "welcome"}


@pytest.mark.parametrize(
    ("outcome", "exit_name"),
    [
        (Outcome.DONE, "sent"),
        (Outcome.MAYBE_DONE, "sent"),
        (Outcome.REFUSED, "undeliverable"),
        (Outcome.GAVE_UP, "undeliverable"),
        (Outcome.WITHHELD, "withheld"),
    ],
)
def test_each_outcome_leaves_by_its_exit(outcome: Outcome, exit_name: str) -> None:
    move = STEP.answered(standing(STEP), Receipt(outcome, reason="why", message_id=7))
    assert isinstance(move, Leave)
    assert move.by == exit_name
    assert move.why == {"outcome": outcome.value, "reason": "why", "message_id": 7}


def test_a_message_that_cannot_be_made_holds_the_run_and_says_what_to_do() -> None:
    receipt = Receipt(Outcome.CANNOT, reason="unknown_template")
    move = STEP.answered(standing(STEP), receipt)
    assert isinstance(move, Hold)
    assert move.code == "message_cannot_be_made"
    assert "welcome" in move.message
    assert "unknown_template" in move.message


def test_the_channel_and_the_sender_travel_with_the_ask_and_are_checked() -> None:
    step = SendMessage.read({"template": "welcome", "channel": "texts", "sender": "shop"})
    move = step.enter(standing(step))
    assert isinstance(move, Perform)
    assert move.ask == {"template": "welcome", "channel": "texts", "sender": "shop"}
    assert [(one.kind, one.name) for one in step.mentions()] == [
        ("channel", "texts"),
        ("sender", "shop"),
    ]
    assert STEP.mentions() == ()
    assert step.summary().en == "welcome · texts"


@pytest.mark.parametrize("reason", ["unknown_channel", "unknown_sender"])
def test_a_channel_that_is_gone_holds_the_run_with_that_reason(reason: str) -> None:
    said = 'There is no channel "texts". Add it with `cadenza channel add`, then retry.'
    receipt = Receipt(Outcome.CANNOT, reason=reason, details={"message": said})
    move = STEP.answered(standing(STEP), receipt)
    assert isinstance(move, Hold)
    assert move.message == f'The message "welcome" cannot go. {said}'


def test_every_outcome_is_answered() -> None:
    for outcome in Outcome:
        assert isinstance(STEP.answered(standing(STEP), Receipt(outcome)), Leave | Hold)


def test_it_names_its_template_for_the_check_and_the_canvas() -> None:
    assert STEP.templates() == ("welcome",)
    assert STEP.summary().en == STEP.summary().zh == "welcome"


@pytest.mark.parametrize("template", ["../etc/passwd", "Welcome", "", "a/b", 7, None])
def test_a_template_is_a_plain_name(template: object) -> None:
    with pytest.raises(SettingsRefused):
        SendMessage.read({"template": template})
