"""Days in rules are those of the contact's own zone, or of the workspace's where there is none."""

from __future__ import annotations

from datetime import date

from tests.driving.world import World

# It is 09:00 on 2 March in UTC, and 23:00 on 1 March in Honolulu.
BIRTHDAY = """
flow: {name}
label: Birthday
subject: contact
purpose: service
trigger: {{on: event, event: Signed Up, when: {trigger}}}
entry: always
steps:
  asked:  {{do: branch, cases: [{{when: {branch}, next: today}}], else: another}}
  today:  {{do: exit, outcome: today}}
  another: {{do: exit, outcome: another}}
"""
ROUND = '{"anniversary_in_next": [{"var": "contact.birthday"}, 0, "days"]}'


async def two_born_on_1_march(world: World) -> None:
    ada, ben = await world.people(2, birthday=date(1990, 3, 1))
    moved = "UPDATE contact SET time_zone = 'Pacific/Honolulu' WHERE id = :ada RETURNING 1"
    await world.rows(moved, ada=ada)
    for contact in (ada, ben):
        await world.event(contact, "Signed Up")


async def test_a_trigger_asks_for_the_day_where_the_contact_lives(world: World) -> None:
    await world.publish(BIRTHDAY.format(name="birthday", trigger=ROUND, branch="true"))
    await two_born_on_1_march(world)
    await world.until_quiet("birthday")
    assert await world.outcomes() == [("ended", "today", "today")]


async def test_a_branch_asks_for_the_day_where_the_contact_lives(world: World) -> None:
    await world.publish(BIRTHDAY.format(name="birthday", trigger="true", branch=ROUND))
    await two_born_on_1_march(world)
    await world.until_quiet("birthday")
    found = await world.rows("SELECT subject_id, outcome FROM run ORDER BY subject_id")
    assert [outcome for _, outcome in found] == ["today", "another"]
