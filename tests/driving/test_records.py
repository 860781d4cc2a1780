"""Whatever a flow may write when it is published, it can write when it runs."""

from __future__ import annotations

import pytest

from crm_store.names import contact_name_key
from crm_store.record_changes import WRITABLE_FIELDS
from engine.steps.contact_fields import WRITABLE
from tests.driving.world import World

WRITING = """
flow: writing
label: Writing
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  write:  {do: update_record, set: {FIELDS}, next: done}
  done:   {do: exit}
"""


def test_the_step_and_the_store_agree_on_what_a_flow_may_write() -> None:
    assert set(WRITABLE) == WRITABLE_FIELDS


@pytest.mark.parametrize(
    ("fields", "column", "wanted"),
    [
        ('birthday: "1990-02-28"', "birthday::text", "1990-02-28"),
        ("birthday_calendar: lunar", "birthday_calendar", "lunar"),
        ("last_name: Lovelace", "last_name", "Lovelace"),
        ("score: 7", "score", 7),
        ("phone: null", "phone", None),
    ],
)
async def test_a_field_is_written(world: World, fields: str, column: str, wanted: object) -> None:
    await world.publish(WRITING.replace("FIELDS", fields))
    [ada] = await world.people(1, phone="+6560000000")
    await world.event(ada, "Signed Up")
    await world.until_quiet("writing")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert [row[0] for row in await world.rows(f"SELECT {column} FROM contact")] == [wanted]


async def test_a_new_name_can_be_searched_for(world: World) -> None:
    await world.publish(WRITING.replace("FIELDS", "last_name: Lovelace"))
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("writing")
    [(key,)] = await world.rows("SELECT name_key FROM contact")
    assert key == contact_name_key("Person 0", "Lovelace", "person0@example.com")
