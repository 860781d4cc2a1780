"""A rule asked again at another now, or in another zone, does not remember the last one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.local_time import UnknownZone
from engine.rules import parse
from tests.rules.adversarial import CATALOGUE

LATE = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
SEEN = {"contact": {"last_seen_at": LATE}}


def test_another_now_gives_another_answer() -> None:
    rule = parse(
        {"in_last": [{"var": "contact.last_seen_at"}, 1, "day"]}, CATALOGUE, event_rule=False
    )
    assert rule.holds(SEEN, LATE)
    assert not rule.holds(SEEN, LATE + timedelta(days=2))
    assert rule.holds(SEEN, LATE)


def test_another_zone_gives_another_answer() -> None:
    rule = parse(
        {"on": [{"var": "contact.last_seen_at"}, "2026-03-29"]}, CATALOGUE, event_rule=False
    )
    assert rule.holds(SEEN, LATE, "Europe/Berlin")
    assert not rule.holds(SEEN, LATE, "UTC")
    assert rule.holds(SEEN, LATE, "Asia/Shanghai")


def test_a_zone_that_does_not_exist_is_no_zone() -> None:
    rule = parse({"today": [{"var": "contact.last_seen_at"}]}, CATALOGUE, event_rule=False)
    with pytest.raises(UnknownZone):
        rule.holds(SEEN, LATE, "Mars/Olympus")
