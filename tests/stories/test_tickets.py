"""Stories of customers who complain, and of those who are asked how we did."""

from __future__ import annotations

from typing import Any

from engine.flows.triggers.ticket_events import TICKET_KIND
from engine.simulate import Occurrence
from tests.stories.vocabulary import Someone, Story


def tells(someone: Someone, name: str, **properties: Any) -> None:
    """Cadenza itself tells of a ticket of theirs now."""
    told = {"ticket_id": 7, "priority": "normal", "category": "complaint", **properties}
    story = someone.story
    someone.life.agenda.note(Occurrence(story.now, someone.life.person.id, name, told, TICKET_KIND))
    story.settle()


def test_a_customer_is_asked_once_in_working_hours() -> None:
    story = Story("ticket_survey")
    ada = story.given("Ada", lives_in="Asia/Singapore")
    # a Friday noon in Singapore
    story.on("2026-03-06 04:00")
    tells(ada, "Ticket Closed", survey=True)
    tells(ada, "Ticket Closed", survey=True)
    story.after(days=5)
    ada.got_at("ticket_survey", "Mon 9 Mar 10:00")
    ada.read("https://crm.cadenza.test/survey_url")
    ada.left_with("done")


def test_whom_the_policy_does_not_ask_gets_nothing() -> None:
    story = Story("ticket_survey")
    ada = story.given("Ada")
    tells(ada, "Ticket Closed", survey=False)
    # what others send under this name is not believed
    ada.does("Ticket Closed", survey=True, ticket_id=7)
    story.after(days=5)
    ada.never_entered()


def test_whoever_has_another_question_is_helped_first() -> None:
    story = Story("ticket_survey")
    ada = story.given("Ada")
    tells(ada, "Ticket Closed", survey=True)
    story.after(hours=2)
    ada.becomes(open_tickets=1)
    story.after(days=5)
    ada.got_nothing()


def test_a_complaint_is_answered_taken_up_solved_and_followed_up() -> None:
    story = Story("complaint_handling")
    ada = story.given("Ada", open_tickets=1)
    tells(ada, "Ticket Opened")
    ada.got("complaint_received")
    story.after(days=3)
    tells(ada, "Ticket Solved")
    story.after(days=2)
    assert ada.tasks() == ["Ask Ada whether all is well again"]
    ada.left_with("followed_up")


def test_another_question_of_theirs_does_not_solve_the_complaint() -> None:
    story = Story("complaint_handling")
    ada = story.given("Ada", open_tickets=2)
    tells(ada, "Ticket Opened")
    story.after(days=1)
    tells(ada, "Ticket Solved", category="question", ticket_id=8)
    story.after(days=3)
    ada.is_inside()
    assert ada.tasks() == []


def test_a_good_score_is_what_the_flow_is_for() -> None:
    story = Story("complaint_handling")
    ada, bea = story.given("Ada"), story.given("Bea")
    for one, score in ((ada, 5), (bea, 3)):
        tells(one, "Ticket Opened", ticket_id=score)
        story.after(hours=1)
        tells(one, "Satisfaction Given", score=score)
    ada.reached_the_goal()
    assert bea.journeys[-1].goal_at is None


def test_other_tickets_are_no_complaints() -> None:
    story = Story("complaint_handling")
    ada = story.given("Ada")
    tells(ada, "Ticket Opened", category="question")
    ada.never_entered()
