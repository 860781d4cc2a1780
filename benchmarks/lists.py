"""The list of contacts over a million of them: how long a page takes, however it is seen.

    python -m benchmarks.lists [contacts]

Asked through the services, as the page of the designer asks. Each view is asked three times; what
is told is the median, and beside it how long counting takes, which goes on behind the page.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import text

from benchmarks._stack import machine_line, stack
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.views.grids import (
    GridPage,
    GridState,
    ListTooSlow,
    Moment,
    Turn,
    grid_count,
    grid_fields,
    grid_page,
    read_leniently,
)

CONTACTS: Final = 1_000_000
TIMES: Final = 3
GOAL_MILLISECONDS: Final = 300
VIEWS: Final[dict[str, dict[str, Any]]] = {
    "by name": {},
    "newest": {"order": [["created_at", True]]},
    "by score": {"order": [["score", True]]},
    "last seen": {"order": [["last_seen_at", True]]},
    "by country": {"order": [["country", False]]},
    "by city": {"order": [["city", False]]},
    "by stage, score, name": {
        "order": [["lifecycle_stage", False], ["score", True], ["name", False]]
    },
    "three letters": {"search": "zor"},
    "a whole name": {"search": "Zoran 77777"},
    "city contains, few": {"conditions": [["city", "contains", ["lmtow"]]]},
    "city contains, nobody": {"conditions": [["city", "contains", ["qqqq"]]]},
    "city is, few": {"conditions": [["city", "any", ["Elmtown"]]]},
    "country is, many": {"conditions": [["country", "any", ["SG"]]]},
    "job contains, few, newest": {
        "conditions": [["job_title", "contains", ["archiv"]]],
        "order": [["created_at", True]],
    },
    "score between, few": {"conditions": [["score", "between", [998, 999]]]},
    "seen in 2 days, by name": {"conditions": [["last_seen_at", "last", [2]]]},
    "stage and country, by city": {
        "conditions": [["lifecycle_stage", "any", ["customer"]], ["country", "any", ["DE"]]],
        "order": [["city", False]],
    },
}
_PEOPLE: Final = """
    INSERT INTO contact (email, email_key, first_name, last_name, name_key, country, city, language,
        lifecycle_stage, score, job_title, last_seen_at, created_at)
    SELECT 'p' || n || '@example.com', 'p' || n || '@example.com', first, last,
        lower(first || ' ' || last), (ARRAY['SG', 'DE', 'CN', 'US', NULL])[1 + (n * 7) % 5],
        CASE WHEN n % 50000 = 0 THEN 'Elmtown' WHEN n % 3 = 0 THEN NULL
            ELSE 'City ' || (n * 31) % 4000 END,
        'en', (ARRAY['lead', 'customer', 'subscriber', 'opportunity'])[1 + (n * 13) % 4],
        CASE WHEN n % 40000 = 0 THEN 998 ELSE (n * 17) % 100 END,
        CASE WHEN n % 100000 = 0 THEN 'Archivist' ELSE 'Job ' || n % 700 END,
        CASE WHEN n % 4 > 0 THEN now() - (n * 97 % 525600) * interval '1 minute' END,
        now() - n * interval '30 seconds'
    FROM (SELECT n, (ARRAY['Ada', 'Ben', 'Cleo', 'Doris', 'Emil', 'Zoran'])[1 + n % 6] AS first,
        ((n * 7919) % 1000003)::text AS last FROM generate_series(CAST(:low AS bigint), :high) n
    ) AS person
"""
_AT_ONCE: Final = 100_000


async def main(contacts: int) -> None:
    sys.stdout.write(f"{machine_line()}\n")
    async with stack(working=False) as runtime:
        await fill(runtime.store, contacts)
        await measure(runtime.store)


async def fill(store: Store, contacts: int) -> None:
    for low in range(1, contacts + 1, _AT_ONCE):
        async with store.transaction() as session:
            high = min(low + _AT_ONCE - 1, contacts)
            await session.execute(text(_PEOPLE), {"low": low, "high": high})
    async with store.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM ANALYZE contact"))


async def measure(store: Store) -> None:
    moment = Moment(datetime.now(UTC), "UTC")
    async with store.transaction() as session:
        fields = await grid_fields(session, SYSTEM, "contact")
    for name, document in VIEWS.items():
        state, problems = read_leniently("contact", document, fields)
        assert not problems, problems
        pages: list[float] = []
        second: list[float] = []
        for _ in range(TIMES):
            page, seconds = await _page(store, state, moment)
            pages.append(seconds)
            if page is not None and page.has_next:
                second.append((await _page(store, state, moment, page))[1])
        counted = time.perf_counter()
        async with store.transaction() as session:
            count = await grid_count(session, SYSTEM, state, moment)
        told = f"{count.count:,}" if count.exact else f"more than {count.count:,}"
        _say(name, pages, second, told, time.perf_counter() - counted)


async def _page(
    store: Store, state: GridState, moment: Moment, before: GridPage | None = None
) -> tuple[GridPage | None, float]:
    turn: Turn = "next" if before else "first"
    mark = before.last if before else None
    began = time.perf_counter()
    try:
        async with store.transaction() as session:
            page = await grid_page(session, SYSTEM, state, moment, turn=turn, mark=mark)
    except ListTooSlow:
        return None, time.perf_counter() - began
    return page, time.perf_counter() - began


def _say(name: str, pages: list[float], second: list[float], told: str, counted: float) -> None:
    first = statistics.median(pages) * 1000
    late = "  over the goal" if first > GOAL_MILLISECONDS else ""
    then = f"{statistics.median(second) * 1000:6.0f}" if second else "     -"
    sys.stdout.write(
        f"{name:<28} first {first:6.0f} ms  next {then} ms  "
        f"counted {counted * 1000:6.0f} ms ({told}){late}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CONTACTS))
