"""Stories of people who buy: carts they left, reviews, and help with what they bought."""

from __future__ import annotations

from tests.stories.vocabulary import Story


def test_a_cart_left_at_night_is_spoken_of_in_the_morning() -> None:
    story = Story("abandoned_cart", starts="2026-03-02 14:00")
    ada = story.given("Ada", lives_in="Asia/Singapore")
    ada.does("Checkout Started")
    story.after(days=1)
    ada.got("cart_reminder")
    ada.got_at("cart_reminder", "Tue 3 Mar 09:00")
    story.after(days=20)
    ada.got("cart_reminder", "cart_last_call")
    ada.left_with("not_bought")


def test_who_bought_is_not_reminded_of_the_cart() -> None:
    story = Story("abandoned_cart")
    early, late = story.given("Ada"), story.given("Ben")
    early.does("Checkout Started")
    late.does("Checkout Started")
    story.after(hours=1)
    early.does("Order Completed")
    story.after(days=1)
    late.does("Order Completed")
    story.after(days=20)
    early.got_nothing()
    late.got("cart_reminder")
    for one in (early, late):
        one.left_with("goal")
        one.reached_the_goal()


def test_a_second_cart_in_the_same_week_brings_no_second_round() -> None:
    story = Story("abandoned_cart")
    ada = story.given("Ada")
    ada.does("Checkout Started")
    story.after(days=6)
    ada.does("Checkout Started")
    assert len(ada.journeys) == 1
    story.after(days=2)
    ada.does("Checkout Started")
    assert len(ada.journeys) == 2


def test_a_review_is_asked_for_two_weeks_later_on_a_quiet_evening() -> None:
    story = Story("post_purchase_review")
    ada = story.given("Ada", lives_in="Europe/Berlin")
    ada.does("Order Completed")
    story.after(days=13)
    ada.got_nothing()
    story.after(days=3)
    ada.got("review_request")
    ada.got_at("review_request", "Tue 17 Mar 18:00")


def test_who_has_trouble_is_not_asked_how_it_was() -> None:
    story = Story("post_purchase_review")
    ada = story.given("Ada")
    ada.does("Order Completed")
    story.after(days=10)
    ada.becomes(open_tickets=1)
    story.after(days=30)
    ada.got_nothing()
    ada.left_with("exit_rule")


def test_a_reviewer_who_gave_up_half_way_gets_a_call_and_one_who_wrote_does_not() -> None:
    story = Story("post_purchase_review")
    ada, ben = story.given("Ada"), story.given("Ben")
    for one in (ada, ben):
        one.does("Order Completed")
    story.after(days=16)
    for one in (ada, ben):
        one.does("Review Started")
    ben.does("Review Submitted")
    story.after(days=20)
    assert ada.tasks() == ["Ask Ada how the last purchase was"]
    assert ben.tasks() == []
    ben.left_with("goal")


def test_care_tips_follow_the_product_and_stop_when_it_goes_back() -> None:
    story = Story("product_care_tips")
    ada, ben, cleo = story.given("Ada"), story.given("Ben"), story.given("Cleo")
    ada.does("Order Completed", category="coffee machines")
    ben.does("Order Completed", category="coffee machines")
    cleo.does("Order Completed", category="tea")
    story.after(days=10)
    ben.does("Order Returned")
    story.after(days=40)
    ada.got("care_tips_start", "care_tips_month")
    ada.got_at("care_tips_month", "Sat 4 Apr 09:00")
    ben.got("care_tips_start")
    cleo.never_entered()
