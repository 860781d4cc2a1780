"""Stories of customers who fall silent against their own habit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stories.vocabulary import Story


def visits(*days_ago: int) -> list[dict[str, Any]]:
    """Page views before Tuesday, 3 March 2026, 06:30, when the second look is taken."""
    look = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
    return [
        {"name": "Page Viewed", "kind": "page", "occurred_at": look - timedelta(days=ago)}
        for ago in days_ago
    ]


def test_a_regular_who_falls_silent_is_somebodys_case_until_the_cause_is_known() -> None:
    story = Story("dormant_customer_anomaly")
    ada = story.given("Ada", lifecycle_stage="customer", events=visits(*range(10, 55, 2)))
    story.after(days=2)
    ada.is_inside()
    ada.got_nothing()
    story.after(days=4)
    assert ada.tasks() == ["Record why Ada fell silent"]
    ada.does("Cause Recorded")
    ada.is_inside()
    ada.does("Cause Recorded", cause="on holiday")
    ada.left_with("goal")


def test_a_silence_that_nobody_takes_up_is_not_forgotten() -> None:
    story = Story("dormant_customer_anomaly", colleagues_answer=False)
    ada = story.given("Ada", lifecycle_stage="customer", events=visits(*range(10, 55, 2)))
    story.after(days=10)
    assert ada.tasks() == ["Nobody took up that Ada fell silent"]
    ada.left_with("not_taken_up")


def test_who_was_always_quiet_or_is_as_usual_is_no_case() -> None:
    story = Story("dormant_customer_anomaly")
    quiet = story.given("Ada", lifecycle_stage="customer", events=visits(10, 30))
    usual = story.given("Ben", lifecycle_stage="customer", events=visits(*range(0, 55, 2)))
    lead = story.given("Cleo", lifecycle_stage="lead", events=visits(*range(10, 55, 2)))
    story.after(days=1)
    for one in (quiet, usual, lead):
        one.never_entered()
