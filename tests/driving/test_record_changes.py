"""What an update step writes is what lists and rules see afterwards."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from tests.driving.world import CrashingStore, RememberingChannel, World

RENAME = """
flow: rename_test
label: Rename
subject: contact
purpose: service
trigger: {on: event, event: Married}
entry: always
steps:
  rename: {do: update_record, set: {last_name: Okri}, add_tags: [married], next: done}
  done:   {do: exit}
"""


@pytest.mark.parametrize("people", [1, 7])
async def test_a_new_name_is_found_by_the_lists(store: Store, people: int) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(RENAME)
    for contact in await world.people(people):
        await world.event(contact, "Married")
    await world.until_quiet("rename_test")
    rows = await world.rows("SELECT first_name, last_name, name_key FROM contact ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (f"Person {number}", "Okri", f"person {number} okri") for number in range(people)
    ]
    assert len(await world.rows("SELECT 1 FROM contact_tag WHERE tag = 'married'")) == people
