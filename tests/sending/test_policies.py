"""The policy as people write, save and read it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.flows.written import read_text
from engine.sending import Policy, SendingHours
from engine.sending.reading import read_policy
from engine.services.actor import SYSTEM, Actor
from engine.services.sending import editing
from engine.services.sending.shelf import standard
from tests.messages.people import NOW

VIEWER = Actor("user", 1, "Cleo", "viewer")

WRONG = """
quiet_hours:
  - {from: "21:00", until: "25:00"}
  - {from: "08:00", until: "08:00"}
sending_hours:
  - {days: [mon], from: "18:00", until: "09:00"}
  - {calendar: default, from: "09:00", until: "18:00"}
  - {hours: {mond: [["09:00", "18:00"]]}}
holidays: [{of: Narnia}]
caps:
  - {most: 0, per: day}
  - {most: 1, per: fortnight}
  - {most: true, per: day, purpose: marketting, medium: []}
priorities: [{priority: 10, topic: Big News}]
digests: [{topic: tips, every: daily, on: mon}, {topic: tips}]
longest_wait: 1mo
quite_hours: []
"""


def test_every_mistake_is_told_at_its_place() -> None:
    _, problems = read_policy(read_text(WRONG, "policy.yaml").data)
    assert sorted({one.place for one in problems}) == [
        "/caps/0/most",
        "/caps/1/per",
        "/caps/2/medium",
        "/caps/2/most",
        "/caps/2/purpose",
        "/digests",
        "/digests/0/on",
        "/holidays/0/of",
        "/longest_wait",
        "/priorities/0/priority",
        "/priorities/0/topic",
        "/quiet_hours/0/until",
        "/quiet_hours/1",
        "/quite_hours",
        "/sending_hours/0/hours/mon",
        "/sending_hours/1",
        "/sending_hours/2/hours/mond",
    ]
    [unknown] = [one for one in problems if one.place == "/quite_hours"]
    assert 'did you mean "quiet_hours"' in unknown.message


@pytest.mark.parametrize("document", [3, "x", [], {"caps": {}}, {"caps": [3]}, {"caps": [{}]}])
def test_what_is_no_policy_is_refused_and_never_raises(document: object) -> None:
    assert read_policy(document)[1]


def test_nothing_is_a_policy_without_rules() -> None:
    assert read_policy(None) == (Policy(), [])


def test_the_shipped_policy_is_right_and_lets_mail_go() -> None:
    policy = standard()
    assert [one.scope.media for one in policy.times] == [frozenset({"sms", "chat"})]
    assert policy.caps == ()


async def test_versions_stay_and_the_last_one_counts(store: Store) -> None:
    async with store.transaction() as session:
        assert (await editing.see(session, SYSTEM)).version == 0
        one = await editing.save(session, SYSTEM, "caps: [{most: 1, per: day}] # gentle\n", NOW)
        again = await editing.save(session, SYSTEM, one.source, NOW)
        two = await editing.save(session, SYSTEM, "caps: []", NOW)
        assert (one.version, again.version) == (1, 1)
        assert (await editing.see(session, SYSTEM)).version == two.version
        assert "gentle" in (await editing.see(session, SYSTEM, 1)).source
        assert [v.version for v in await editing.versions(session, SYSTEM)] == [two.version, 1]
        rows = await session.execute(
            text("SELECT before, after FROM audit WHERE subject_kind = 'sending_policy'")
        )
        assert [row[1]["version"] for row in rows] == [1, two.version]
        with pytest.raises(NotFound):
            await editing.see(session, SYSTEM, 99)


async def test_a_calendar_that_is_not_there_is_refused(store: Store) -> None:
    async with store.transaction() as session:
        good = await editing.check(session, SYSTEM, "sending_hours: [{calendar: default}]")
        assert good.times == (SendingHours(None, "default"),)
        with pytest.raises(Refused) as refused:
            await editing.save(session, SYSTEM, "sending_hours: [{calendar: defualt}]", NOW)
    assert [one.code for one in refused.value.problems] == ["unknown_calendar"]


async def test_who_only_looks_changes_nothing(store: Store) -> None:
    async with store.transaction() as session:
        assert (await editing.see(session, VIEWER)).version == 0
        with pytest.raises(NotAllowed):
            await editing.save(session, VIEWER, "caps: []", NOW)
