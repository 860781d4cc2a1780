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


COMPUTE = """
flow: compute_test
label: Compute
subject: contact
purpose: service
trigger: {on: event, event: Visited}
entry: always
steps:
  points:
    do: update_record
    compute:
      score: {"+": [{var: contact.score}, 5]}
      job_title: {cat: ["No ", {substr: [{var: contact.first_name}, 7]}]}
      last_name: {var: contact.first_name}
    set: {city: Oslo}
    next: done
  done:   {do: exit}
"""


async def test_computed_values_are_each_contacts_own(store: Store) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(COMPUTE)
    for number, contact in enumerate(await world.people(5)):
        await world.rows(f"UPDATE contact SET score = {number} WHERE id = {contact} RETURNING id")
        await world.event(contact, "Visited")
    await world.until_quiet("compute_test")
    rows = await world.rows("SELECT score, job_title, city, name_key FROM contact ORDER BY id")
    assert [tuple(row) for row in rows] == [
        (number + 5, f"No {number}", "Oslo", f"person {number} person {number}")
        for number in range(5)
    ]


async def test_a_value_that_cannot_be_computed_holds_the_run_and_writes_nothing(
    store: Store,
) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    await world.publish(
        COMPUTE.replace('{"+": [{var: contact.score}, 5]}', '{"/": [1, {var: contact.score}]}')
    )
    (contact,) = await world.people(1)
    await world.rows(f"UPDATE contact SET score = 0 WHERE id = {contact} RETURNING id")
    await world.event(contact, "Visited")
    await world.until_quiet("compute_test")
    rows = await world.rows("SELECT r.state, r.outcome, c.city FROM run r, contact c")
    assert [tuple(row) for row in rows] == [("held", "cannot_compute", None)]
