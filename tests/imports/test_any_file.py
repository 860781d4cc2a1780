"""Whatever a file says: importing it again, or after a stop anywhere, ends in the same state."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.imports import Fate, ImportOrder, ImportReport, import_file, parse_mapping

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAPPING = parse_mapping(
    """
as: contacts
fields: {external_id: id, email: email, city: city, tags: tags}
consents: [{channel: email, purpose: marketing, lawful_basis: consent, source: test}]
""",
    name="map",
)
lines = st.tuples(
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["", "a@example.com", "A@example.com", "b@example.com", "wrong"]),
    st.sampled_from(["", "Bonn", "Rome"]),
    st.sampled_from(["", "vip", "vip;beta"]),
)


async def run(store: Store, path: Path, batch: int, first: int | None = None) -> ImportReport:
    order = ImportOrder(path, mapping=MAPPING, batch=batch, lines=first)
    return await import_file(store, SYSTEM, order, lambda: NOW)


async def state(store: Store) -> list[tuple[object, ...]]:
    """Everything but the numbers of rows, which may have gaps."""
    async with store.transaction() as session:
        found = await session.execute(
            text(
                """
                SELECT external_id, email, email_key, city, name_key, updated_at,
                       (SELECT array_agg(tag ORDER BY tag) FROM contact_tag t
                        WHERE t.contact_id = c.id),
                       (SELECT count(*) FROM consent s WHERE s.contact_id = c.id)
                FROM contact c ORDER BY external_id, email_key, id
                """
            )
        )
        return [tuple(row) for row in found]


async def empty(store: Store) -> None:
    async with store.transaction() as session:
        await session.execute(text("TRUNCATE contact, tag CASCADE"))


@given(
    file=st.lists(lines, min_size=1, max_size=8),
    batch=st.integers(1, 8),
    other_batch=st.integers(1, 8),
    stop=st.integers(0, 8),
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_again_or_after_a_stop_ends_the_same(
    store: Store,
    tmp_path: Path,
    file: list[tuple[str, str, str, str]],
    batch: int,
    other_batch: int,
    stop: int,
) -> None:
    path = tmp_path / "any.csv"
    path.write_text("id,email,city,tags\n" + "".join(",".join(line) + "\n" for line in file))
    await empty(store)
    once = await run(store, path, batch)
    after_once = await state(store)
    again = await run(store, path, other_batch)
    assert await state(store) == after_once
    assert again.count(Fate.CREATED) == again.count(Fate.UPDATED) == 0
    assert again.count(Fate.REJECTED) == once.count(Fate.REJECTED)
    assert sum(once.counts.values()) == once.lines

    await empty(store)
    await run(store, path, batch, first=stop)
    await run(store, path, other_batch)
    assert await state(store) == after_once
