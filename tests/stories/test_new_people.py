"""Stories of people who are new: a welcome, and a request that nobody forgets."""

from __future__ import annotations

from engine.flows.holdout import is_held_out
from tests.stories.vocabulary import Story


def test_a_newcomer_who_reads_is_welcomed_and_gets_the_offer_three_days_later() -> None:
    story = Story("welcome")
    ada = story.given("Ada", country="SG", lives_in="Asia/Singapore")
    ada.does("Signed Up")
    ada.got("welcome")
    ada.read("Ada")
    story.after(days=1)
    ada.does("Page Viewed")
    story.after(days=2)
    ada.got("welcome", "offer")
    ada.got_at("offer", "Thu 5 Mar 17:00")


def test_a_newcomer_who_does_not_read_gets_the_offer_only_when_looking_at_prices() -> None:
    story = Story("welcome")
    ada, ben = story.given("Ada", country="SG"), story.given("Ben", country="SG")
    ada.does("Signed Up")
    ben.does("Signed Up")
    story.after(days=4)
    ada.does("Visited Pricing")
    ada.got("welcome", "offer")
    story.after(days=30)
    ben.got("welcome")
    ben.left_with("done")


def test_who_became_a_customer_needs_no_welcome_any_more() -> None:
    story = Story("welcome")
    ada = story.given("Ada", country="SG")
    ada.does("Signed Up")
    story.after(days=1)
    ada.becomes(lifecycle_stage="customer")
    ada.left_with("exit_rule")
    story.after(days=30)
    ada.got("welcome")


def test_who_signs_up_elsewhere_or_twice_is_not_welcomed_again() -> None:
    story = Story("welcome")
    ada, ben = story.given("Ada", country="SG"), story.given("Ben", country="FR")
    ada.does("Signed Up").does("Signed Up")
    ben.does("Signed Up")
    story.after(days=1)
    ada.got("welcome")
    assert len(ada.journeys) == 1
    ben.never_entered()


def test_the_holdout_gets_nothing_and_still_counts_for_the_goal() -> None:
    story = Story("welcome")
    held = next(number for number in range(1, 1_000) if is_held_out("welcome", number, 5))
    cleo = story.given("Cleo", country="SG", id_=held)
    cleo.does("Signed Up")
    story.after(days=2)
    cleo.does("Order Completed")
    cleo.got_nothing()
    cleo.left_with("holdout")
    cleo.reached_the_goal()


def test_who_cannot_be_reached_gets_a_call_instead_of_the_offer() -> None:
    story = Story("welcome")
    ada = story.given("Ada", country="SG")
    ada.does("Signed Up")
    ada.cannot_be_reached()
    ada.does("Page Viewed")
    story.after(days=3)
    ada.got("welcome")
    assert ada.tasks() == ["Call Ada"]


def test_a_request_is_answered_at_once_and_nobody_forgets_it() -> None:
    story = Story("lead_follow_up")
    ada = story.given("Ada")
    ada.does("Demo Requested", team_size=12)
    ada.got("request_received")
    assert ada.contact()["lead_status"] == "new"
    assert ada.tasks() == ["Call Ada about the demo"]
    story.after(days=2)
    assert ada.tasks()[1:] == ["Still waiting - Ada asked for a demo two days ago"]
    story.after(days=5)
    ada.left_with("went_cold")


def test_service_is_not_stopped_by_unsubscribing_from_marketing() -> None:
    story = Story("lead_follow_up")
    ada = story.given("Ada").unsubscribes()
    ada.does("Demo Requested", team_size=12)
    ada.got("request_received")


def test_a_meeting_ends_the_reminders() -> None:
    story = Story("lead_follow_up")
    ada = story.given("Ada")
    ada.does("Demo Requested", team_size=12)
    story.after(hours=30)
    ada.does("Meeting Booked")
    ada.left_with("meeting_booked")
    ada.reached_the_goal()
    story.after(days=10)
    assert len(ada.tasks()) == 1


def test_a_small_request_is_nobodys_lead() -> None:
    story = Story("lead_follow_up")
    ada = story.given("Ada")
    ada.does("Demo Requested", team_size=3)
    ada.never_entered()
