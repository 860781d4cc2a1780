"""An erased contact is nowhere in the database any more, figures stay, and no mail reaches them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from crm_store import giving_way
from crm_store.base import folded
from crm_store.models import Contact
from engine.errors import NotAllowed, NotFound
from engine.services import audit, consent
from engine.services.actor import SYSTEM, Actor
from engine.services.erasing import Erased, erase_contact, preview_erasure, readmit_address
from engine.services.imports import ImportOrder, import_file
from tests.driving.test_claims import SlowChannel
from tests.driving.test_driving import WELCOME
from tests.driving.world import PARTITIONS, CrashingStore, World
from tests.run_care.test_merging import merge, standing_is_counted

# What Ada is called and reached by: none of it may be anywhere afterwards.
SECRETS = {
    "external_id": "cust-0815-ada",
    "email": "Ada.Quillfeather@Example.com",
    "phone": "+6591234567",
    "first_name": "Adaquilla",
    "last_name": "Quillfeather",
}
OLD_ADDRESS = "quillfeather.old@example.com"
TEXTS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public'
      AND (data_type IN ('text', 'jsonb', 'json', 'ARRAY', 'character varying'))
"""


async def erase(world: World, contact: int) -> Erased:
    async def once() -> Erased:
        async with world.store.store.transaction() as session:
            return await erase_contact(session, SYSTEM, contact, now=world.now, zone="UTC")

    return await giving_way.again_and_again(once, 8)


async def ada_with_a_past(world: World) -> int:
    """Ada as she is found in every corner: records, history, journal, messages, audit."""
    await world.publish(WELCOME)
    ada, twin = await world.people(2)
    await world.rows(
        "UPDATE contact SET email = :old, email_key = :old WHERE id = :id RETURNING 1",
        old=OLD_ADDRESS,
        id=twin,
    )
    values: dict[str, Any] = SECRETS | {
        "email_key": folded(SECRETS["email"]),
        "name_key": folded("Adaquilla Quillfeather"),
    }
    sets = ", ".join(f"{name} = :{name}" for name in values)
    await world.rows(f"UPDATE contact SET {sets} WHERE id = :id RETURNING 1", id=ada, **values)
    await world.rows(
        "UPDATE contact SET custom = :custom WHERE id = :id RETURNING 1",
        custom='{"nickname": "Quillfeather"}',
        id=ada,
    )
    await merge(world, ada, twin)
    await world.event(ada, "Signed Up", email=SECRETS["email"], who="Adaquilla")
    await world.until_quiet("welcome_test")
    async with world.store.store.transaction() as session:
        await consent.withdraw(
            session, SYSTEM, ada, source="link", now=world.now, partitions=PARTITIONS, all_mail=True
        )
        await audit.record(session, SYSTEM, "edit", "contact", ada, {"email": SECRETS["email"]})
        await audit.record(session, SYSTEM, "edit", "deal", 1, None, {"name": "Adaquilla's deal"})
    await records(world, ada)
    return ada


async def records(world: World, ada: int) -> None:
    await world.rows(
        """
        WITH p AS (INSERT INTO pipeline (key, label) VALUES ('p', 'P') RETURNING id),
        s AS (INSERT INTO stage (pipeline_id, key, label, kind, position, probability_percent,
                                 forecast_category)
              SELECT id, 's', 'S', 'open', 1, 10, 'pipeline' FROM p RETURNING id, pipeline_id)
        INSERT INTO deal (name, contact_id, pipeline_id, stage_id, stage_entered_at, amount_minor,
                          currency, forecast_category, opened_at)
        SELECT name, :ada, pipeline_id, id, now(), 5000, 'USD', 'pipeline', now()
        FROM s, unnest(ARRAY['Quillfeather: new chairs', 'Forty chairs']) name RETURNING 1
        """,
        ada=ada,
    )
    await world.rows("UPDATE deal SET name = 'For ' || name RETURNING 1")
    for statement in (
        (
            "INSERT INTO ticket (contact_id, subject, opened_at) "
            "VALUES (:ada, 'Adaquilla cannot sign in', now()) RETURNING 1"
        ),
        """INSERT INTO "order" (contact_id, external_id, placed_at, total_minor, currency)
        VALUES (:ada, 'quillfeather-1', now(), 100, 'USD') RETURNING 1""",
        (
            "INSERT INTO activity (kind, subject, body, contact_id) "
            "VALUES ('note', 'Call Adaquilla', '+6591234567', :ada) RETURNING 1"
        ),
        (
            "INSERT INTO activity (kind, subject, body, deal_id) "
            "SELECT 'note', 'Quillfeather called', NULL, min(id) FROM deal WHERE contact_id = :ada "
            "RETURNING 1"
        ),
        (
            "INSERT INTO contact_alias (kind, value, contact_id) "
            "VALUES ('anonymous_id', 'browser-quillfeather', :ada) RETURNING 1"
        ),
        (
            "INSERT INTO segment (name, label, kind, state, counted_at) "
            "VALUES ('vips', 'VIPs', 'static', 'kept', now()) RETURNING id + :ada * 0"
        ),
        (
            "INSERT INTO segment_member (segment_id, contact_id, entered_at) "
            "SELECT id, :ada, now() FROM segment RETURNING 1"
        ),
        "INSERT INTO segment_size SELECT id, 64, 1 FROM segment RETURNING 1 + :ada * 0",
        (
            "INSERT INTO idempotency_key (actor, key, fingerprint, answer, at) VALUES "
            "('key:1', 'k', 'f', '{\"email\": \"ada.quillfeather@example.com\"}', now()) "
            "RETURNING 1 + :ada * 0"
        ),
        (
            "INSERT INTO message_click SELECT id, 'https://x.example/of/Adaquilla', false, now() "
            "FROM message WHERE contact_id = :ada RETURNING 1"
        ),
        (
            "INSERT INTO message_click SELECT id, 'https://x.example/to/Adaquilla', false, now() "
            "FROM message WHERE contact_id = :ada RETURNING 1"
        ),
        (
            "INSERT INTO link (digest, url) "
            "VALUES (sha256('https://x.example/all'), 'https://x.example/all') RETURNING id + :ada"
        ),
        (
            "INSERT INTO message_click SELECT id, 'https://x.example/all', false, now() "
            "FROM message WHERE contact_id = :ada RETURNING 1"
        ),
        "UPDATE contact SET phone = NULL WHERE id = :ada RETURNING 1",
        "UPDATE contact SET phone = '+6591234567' WHERE id = :ada RETURNING 1",
    ):
        await world.rows(statement, ada=ada)


async def found_anywhere(world: World, secrets: list[str]) -> list[tuple[str, str, str]]:
    """(table, column, secret) wherever a text or document of any table says one of these."""
    found = []
    for table, column in await world.rows(TEXTS):
        for secret in secrets:
            hits = await world.rows(
                f'SELECT 1 FROM "{table}" '
                f'WHERE strpos(lower("{column}"::text), lower(:secret)) > 0 LIMIT 1',
                secret=secret,
            )
            if hits:
                found.append((table, column, secret))
    return found


async def test_nothing_in_the_database_says_who_they_were(world: World) -> None:
    ada = await ada_with_a_past(world)
    secrets = [*SECRETS.values(), OLD_ADDRESS, "quillfeather", "browser-quill"]
    tables = {table for table, _, _ in await found_anywhere(world, secrets)}
    assert tables >= {
        *("contact", "contact_alias", "event", "message", "journal", "audit", "deal", "ticket"),
        *("order", "activity", "field_change", "suppression", "idempotency_key"),
    } - {"journal"}
    erased = await erase(world, ada)
    assert await found_anywhere(world, secrets) == []
    assert erased.runs_ended == 1
    [(before, after)] = await world.rows("SELECT before, after FROM audit WHERE verb = 'erase'")
    assert before is None
    assert set(after) == {"runs_ended", "rows"}


async def test_what_others_are_called_by_the_same_letters_stays(world: World) -> None:
    """Short names are parts of many words; only whole names of the person are theirs."""
    (lian,) = await world.people(1)
    await world.rows("UPDATE contact SET first_name = 'An', last_name = 'Li' RETURNING 1")
    other = {"role": "analyst", "said": "handing over to the manager, an old file of Li Wei"}
    named = {"said": "An Li called"}
    async with world.store.store.transaction() as session:
        await audit.record(session, SYSTEM, "change", "user", 7, before=other, after=other)
        await audit.record(session, SYSTEM, "change", "user", 8, after=named)
    await erase(world, lian)
    kept = await world.rows(
        "SELECT subject_id, before, after FROM audit WHERE subject_kind = 'user' ORDER BY 1"
    )
    assert kept == [("7", other, other), ("8", None, None)]


async def test_figures_stay_as_they_were(world: World) -> None:
    ada = await ada_with_a_past(world)
    sent = await world.rows("SELECT state, count(*) FROM message GROUP BY 1 ORDER BY 1")
    await erase(world, ada)
    await world.until_quiet("welcome_test")
    assert await world.rows("SELECT state, count(*) FROM message GROUP BY 1 ORDER BY 1") == sent
    assert [row[2] for row in await world.outcomes()] == ["erased"]
    await standing_is_counted(world)
    assert await world.rows("SELECT sum(members) FROM segment_size") == [(0,)]
    deals = await world.rows("SELECT name, amount_minor, contact_id FROM deal ORDER BY name")
    assert deals == [("(erased)", 5000, None), ("For Forty chairs", 5000, None)]
    clicks = await world.rows("SELECT DISTINCT link FROM message_click ORDER BY link")
    assert clicks == [("https://x.example/all",), ("https://x.example/…",)]
    assert await world.rows("SELECT 1 FROM event_pending") == []


async def test_an_import_that_brings_them_back_sends_them_nothing(
    world: World, tmp_path: Path
) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await erase(world, ada)
    path = tmp_path / "again.csv"
    path.write_text("email,first_name\nPerson0@Example.com,Ada\n", encoding="utf-8")
    await import_file(world.store.store, SYSTEM, ImportOrder(path, "contacts"), lambda: world.now)
    [(again,)] = await world.rows("SELECT id FROM contact")
    await world.rows(
        "INSERT INTO consent VALUES (:id, 'email', 'marketing', true, 'consent', 'file') "
        "RETURNING 1",
        id=again,
    )
    await world.event(again, "Signed Up")
    await world.until_quiet("welcome_test")
    assert world.channel.delivered == []
    [(state, reason)] = await world.rows("SELECT state, reason FROM message")
    assert (state, reason) == ("withheld", "suppressed")
    async with world.store.store.transaction() as session:
        await readmit_address(session, SYSTEM, "PERSON0@example.com")
        with pytest.raises(NotFound):
            await readmit_address(session, SYSTEM, "PERSON0@example.com")
    assert await world.rows("SELECT 1 FROM suppression") == []


async def test_a_pending_ask_is_not_done(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await erase(world, ada)
    await world.until_quiet("welcome_test")
    assert world.channel.delivered == []
    assert await world.effects() == [("done", "withheld")]


async def test_a_message_that_is_being_handed_over_leaves_nothing_behind(world: World) -> None:
    channel = SlowChannel()
    world = World(CrashingStore(world.store.store), channel)
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    under_way = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    await erase(world, ada)
    channel.let_go.set()
    await under_way
    await world.until_quiet("welcome_test")
    assert await world.rows("SELECT state, contact_id, address FROM message") == [
        ("sent", None, None)
    ]
    assert await found_anywhere(world, ["person0@example.com"]) == []


async def test_a_preview_says_the_same_and_changes_nothing(world: World) -> None:
    ada = await ada_with_a_past(world)
    async with world.store.store.transaction() as session:
        said = await preview_erasure(session, SYSTEM, ada, now=world.now, zone="UTC")
    async with world.store.store.transaction() as session:
        assert await session.get(Contact, ada) is not None
    assert await erase(world, ada) == said


async def test_who_may_erase(world: World) -> None:
    [ada] = await world.people(1)
    async with world.store.store.transaction() as session:
        with pytest.raises(NotAllowed):
            viewer = Actor("user", 1, "Cleo", "viewer")
            await erase_contact(session, viewer, ada, now=world.now, zone="UTC")
    with pytest.raises(NotFound):
        await erase(world, 999)
