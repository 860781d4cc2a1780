"""Stories of people who went quiet: won back, asked once more, or let go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stories.vocabulary import Someone, Story

LONG_AGO = datetime(2025, 10, 1, tzinfo=UTC)


def order(placed_at: datetime = LONG_AGO) -> dict[str, Any]:
    return {"status": "completed", "placed_at": placed_at}


def ignored(number: int) -> dict[str, Any]:
    sent_at = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(days=number)
    return {"state": "sent", "template": "offer", "handed_over_at": sent_at}


def someone_asleep(story: Story, name: str) -> Someone:
    return story.given(name, messages=[ignored(number) for number in range(4)], tags=[])


def test_the_second_win_back_mail_goes_only_to_those_who_did_not_come_to_look() -> None:
    story = Story("win_back")
    ada = story.given("Ada", orders=[order()])
    ben = story.given("Ben", orders=[order()])
    ada.got("win_back")
    story.after(days=2)
    ada.does("Visited Site")
    story.after(days=1)
    ada.got("win_back")
    assert ada.tasks() == ["Call Ada, who looked around again"]
    ben.got("win_back", "win_back_offer")
    assert ben.tasks() == []


def test_who_buys_again_is_left_in_peace() -> None:
    story = Story("win_back")
    ada = story.given("Ada", orders=[order()])
    story.after(days=1)
    ada.life.person.facts["orders"].append(order(story.now))
    ada.does("Order Completed")
    ada.left_with("exit_rule")
    ada.reached_the_goal()
    story.after(days=60)
    ada.got("win_back")


def test_who_never_bought_is_not_won_back() -> None:
    story = Story("win_back")
    story.given("Ada").never_entered()


def test_who_unsubscribes_after_the_first_mail_gets_no_second_one() -> None:
    story = Story("win_back")
    ada = story.given("Ada", orders=[order()])
    story.after(days=1)
    ada.unsubscribes()
    story.after(days=30)
    ada.got("win_back")
    ada.left_with("not_allowed")


def test_who_never_looks_is_asked_twice_and_then_let_go() -> None:
    story = Story("re_engagement", starts="2026-02-27 09:00")
    ada = someone_asleep(story, "Ada")
    story.after(days=3)
    ada.got_nothing()
    story.after(days=27)
    ada.got_at("still_interested", "Tue 3 Mar 10:00")
    ada.got("still_interested", "shall_we_stop")
    ada.left_with("let_go")
    assert ada.contact()["tags"] == ["sleeping"]


def test_one_look_is_enough_to_stay() -> None:
    story = Story("re_engagement", starts="2026-02-27 09:00")
    ada = someone_asleep(story, "Ada")
    story.after(days=6)
    ada.does("Page Viewed")
    story.after(days=20)
    ada.got("still_interested")
    assert ada.contact()["tags"] == []


def test_who_got_few_mails_cannot_have_ignored_them() -> None:
    story = Story("re_engagement", starts="2026-02-27 09:00")
    ada = story.given("Ada", messages=[ignored(1)], tags=[])
    story.after(days=20)
    ada.never_entered()
