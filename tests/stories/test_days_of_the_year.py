"""Stories of days that come round: anniversaries, birthdays, contracts that renew."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.stories.vocabulary import Someone, Story


def a_customer_since(story: Story, name: str, first: datetime, **more: Any) -> Someone:
    return story.given(
        name,
        lifecycle_stage="customer",
        first_order_at=first,
        last_order_at=datetime(2026, 2, 1, tzinfo=UTC),
        **more,
    )


def won(closed_at: datetime) -> dict[str, Any]:
    return {"id": 7, "stage_kind": "won", "closed_at": closed_at}


def test_customers_are_thanked_on_their_day_in_their_morning_every_year() -> None:
    story = Story("anniversary")
    first = datetime(2023, 3, 10, 20, tzinfo=UTC)
    ada = a_customer_since(story, "Ada", first, lives_in="Asia/Singapore", rfm_band="new")
    story.after(days=30)
    ada.got("anniversary_thanks")
    # 20:00 in UTC was the morning of the next day in Singapore
    ada.got_at("anniversary_thanks", "Wed 11 Mar 09:00")
    ada.becomes(last_order_at=datetime(2027, 1, 1, tzinfo=UTC))
    story.after(days=365)
    ada.got("anniversary_thanks", "anniversary_thanks")


def test_the_best_customers_are_thanked_by_a_person_too() -> None:
    story = Story("anniversary")
    ada = a_customer_since(story, "Ada", datetime(2020, 3, 10, tzinfo=UTC), rfm_band="champion")
    story.after(days=30)
    ada.got("anniversary_thanks")
    assert ada.tasks() == ["Thank Ada for another year with us"]


def test_nobody_is_thanked_for_the_first_weeks_or_in_the_middle_of_trouble() -> None:
    story = Story("anniversary")
    new = a_customer_since(story, "Ada", datetime(2026, 2, 20, tzinfo=UTC))
    angry = a_customer_since(story, "Ben", datetime(2020, 3, 10, tzinfo=UTC), open_tickets=1)
    story.after(days=60)
    new.got_nothing()
    angry.got_nothing()


def test_customers_are_wished_well_on_their_birthday_and_the_best_get_a_present() -> None:
    story = Story("birthday_care")
    known: dict[str, Any] = {"birthday": date(1990, 3, 10), "lifecycle_stage": "customer"}
    ada = story.given("Ada", lives_in="Asia/Singapore", rfm_band="new", **known)
    ben = story.given("Ben", lives_in="America/New_York", rfm_band="champion", **known)
    lead = story.given("Cleo", birthday=date(1990, 3, 10))
    story.after(days=30)
    ada.got("birthday_wish")
    ada.got_at("birthday_wish", "Tue 10 Mar 09:00")
    ben.got("birthday_offer")
    ben.got_at("birthday_offer", "Tue 10 Mar 09:00")
    lead.got_nothing()
    story.after(days=365)
    ada.got("birthday_wish", "birthday_wish")


def test_a_birthday_by_the_lunar_calendar_moves_with_it() -> None:
    story = Story("birthday_care")
    # born on a Lantern Festival, the fifteenth day of the first month
    ada = story.given(
        "Ada",
        lives_in="Asia/Singapore",
        birthday=date(1990, 2, 10),
        birthday_calendar="lunar",
        lifecycle_stage="customer",
        rfm_band="new",
    )
    story.after(days=400)
    assert [f"{mail.at:%d %b %Y}" for mail in ada.mails] == ["03 Mar 2026", "20 Feb 2027"]


def test_who_waits_for_help_is_not_congratulated() -> None:
    story = Story("birthday_care")
    ada = story.given("Ada", birthday=date(1990, 3, 10), lifecycle_stage="customer", open_tickets=1)
    story.after(days=30)
    ada.got_nothing()


def test_a_contract_is_spoken_of_a_month_and_again_days_before_it_renews() -> None:
    story = Story("renewal_reminder")
    # a year is over on 19 April, a Sunday; thirty days before is a Friday
    ada = story.given("Ada", deals=[won(datetime(2025, 4, 19, 12, tzinfo=UTC))])
    story.after(days=50)
    ada.got("renewal_notice", "renewal_last_notice")
    ada.got_at("renewal_notice", "Fri 20 Mar 10:00")
    ada.got_at("renewal_last_notice", "Fri 10 Apr 10:00")
    assert len(ada.tasks()) == 1
    ada.left_with("renewed_as_it_was")


def test_a_notice_on_a_weekend_comes_on_the_friday_before() -> None:
    story = Story("renewal_reminder")
    ada = story.given("Ada", deals=[won(datetime(2025, 4, 21, 12, tzinfo=UTC))])
    story.after(days=30)
    ada.got_at("renewal_notice", "Fri 20 Mar 10:00")


def test_a_contract_that_is_settled_is_not_spoken_of_again() -> None:
    story = Story("renewal_reminder")
    ada = story.given("Ada", deals=[won(datetime(2025, 4, 19, 12, tzinfo=UTC))])
    story.after(days=25)
    ada.does("Contract Settled")
    story.after(days=30)
    ada.got("renewal_notice")
    ada.left_with("goal")


def test_a_lost_deal_is_no_contract_even_beside_a_won_one() -> None:
    story = Story("renewal_reminder")
    lost = won(datetime(2025, 4, 19, tzinfo=UTC)) | {"id": 2, "stage_kind": "lost"}
    ada = story.given("Ada", deals=[won(datetime(2025, 9, 19, tzinfo=UTC)), lost])
    story.after(days=60)
    ada.never_entered()


def test_a_lost_deal_is_no_contract() -> None:
    story = Story("renewal_reminder")
    lost = won(datetime(2025, 4, 19, tzinfo=UTC)) | {"stage_kind": "lost"}
    ada = story.given("Ada", deals=[lost])
    story.after(days=60)
    ada.never_entered()
