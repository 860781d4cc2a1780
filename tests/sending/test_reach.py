"""Policies under which something can never go, and those that only look like it."""

from __future__ import annotations

import pytest
import yaml

from crm_store.session import Store
from engine.errors import Refused
from engine.sending import Almanac
from engine.sending.reach import longer_than_waits, never_open
from engine.sending.reading import MEDIA, PURPOSES, read_policy
from engine.sending.week import calendar_of
from engine.services.actor import SYSTEM
from engine.services.sending import editing
from engine.working_time import WorkingCalendar

NINE_TO_NOON = ((9 * 60, 12 * 60),)
OFFICE = WorkingCalendar(calendar_of((NINE_TO_NOON,) * 7).week, zone="Asia/Singapore")


def shut(policy: str) -> list[tuple[str, str | None, str]]:
    read, problems = read_policy(yaml.safe_load(policy))
    assert problems == []
    found = never_open(read, Almanac({"office": OFFICE}), PURPOSES, MEDIA)
    return [(one.purpose, one.topic, one.medium) for one in found]


NIGHT = 'quiet_hours: [{from: "21:00", until: "09:00"}]\n'


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (NIGHT, []),
        (NIGHT + 'sending_hours: [{days: [mon], from: "07:00", until: "09:01"}]', []),
        (
            NIGHT + 'sending_hours: [{days: [mon], from: "07:00", until: "08:30"}]',
            [("marketing", None, "email")],
        ),
        (
            NIGHT + 'sending_hours: [{from: "07:00", until: "08:30", topic: club, medium: sms}]',
            [("marketing", "club", "sms")],
        ),
        # what is put together is asked about as the digest that it is
        (
            NIGHT
            + 'sending_hours: [{from: "07:00", until: "08:30", topic: club}]\n'
            + "digests: [{topic: club}]",
            [],
        ),
        (
            'quiet_hours: [{from: "00:00", until: "12:00"}, {from: "12:00", until: "00:00"}]',
            [("marketing", None, "email")],
        ),
        # nine in Singapore is the night of many, and of some it is not
        ('quiet_hours: [{from: "21:00", until: "09:00"}]\nsending_hours: [{calendar: office}]', []),
        ("holidays: [{of: contact}]", []),
        ("sending_hours: [{calendar: office}]", []),
    ],
)
def test_hours_that_shut_each_other_out_are_found(
    policy: str, found: list[tuple[str, str | None, str]]
) -> None:
    assert shut(policy) == found


def test_thousands_of_topics_are_few_kinds_of_messages() -> None:
    topics = ", ".join(f"topic{number}" for number in range(4_000))
    policy = f'sending_hours: [{{from: "07:00", until: "08:30", topic: [{topics}]}}]\n'
    assert shut(NIGHT + policy) == [("marketing", "topic0", "email")]


def test_a_cap_over_more_time_than_anything_may_wait_is_remarked_on() -> None:
    def remarked(policy: str) -> list[int]:
        return [at for at, _ in longer_than_waits(read_policy(yaml.safe_load(policy))[0])]

    caps = "caps: [{most: 1, per: day}, {most: 3, per: week}, {most: 6, per: month}]\n"
    assert remarked(caps) == [2]
    assert remarked(caps + "longest_wait: 36h") == [1, 2]
    assert remarked(caps + "longest_wait: 31d") == []


async def test_such_a_policy_is_not_saved(store: Store) -> None:
    async with store.transaction() as session:
        source = NIGHT + 'sending_hours: [{from: "07:00", until: "08:30", topic: club}]'
        with pytest.raises(Refused) as refused:
            await editing.check(session, SYSTEM, source)
    [problem] = refused.value.problems
    assert (problem.place, problem.code) == ("/sending_hours", "never_open")
    assert "about club" in problem.message
