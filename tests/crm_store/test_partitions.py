"""A contact's partition is the same in Python and in SQL, and contacts spread evenly."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import BigInteger, column, select, values

from crm_store.partitions import partition_expression, partition_of
from crm_store.session import Store

IDS = [1, 2, 3, 1000, 2**31 - 1, 2**31, 2**40 + 7, 2**62]


async def test_sql_and_python_agree(store: Store) -> None:
    ids = values(column("id", BigInteger), name="ids").data([(i,) for i in IDS])
    async with store.transaction() as session:
        found = await session.execute(select(ids.c.id, partition_expression(ids.c.id, 7)))
        assert {row[0]: row[1] for row in found} == {i: partition_of(i, 7) for i in IDS}


def test_consecutive_contacts_spread_evenly() -> None:
    counts = Counter(partition_of(i, 4) for i in range(10_000))
    assert set(counts) == {0, 1, 2, 3}
    assert max(counts.values()) < 1.1 * min(counts.values())


def test_a_partition_never_moves() -> None:
    assert [partition_of(i, 4) for i in range(1, 9)] == [3, 2, 2, 1, 1, 0, 0, 3]
