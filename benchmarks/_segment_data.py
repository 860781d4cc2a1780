"""A company with a million contacts on an embedded PostgreSQL that runs as `cadenza up` runs it."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text

from crm_store.migrate import upgrade
from engine.embedded.data_dir import DataDir
from engine.embedded.machine import Machine
from engine.settings import load

FOLDER = Path(tempfile.gettempdir()) / "cadenza-segments-bench"
# The present of the generated company: the last event has just happened.
NOW = "timestamptz '2026-11-22 12:00:00+00'"

ACCOUNTS = f"""
INSERT INTO account (name, name_key, industry, employee_count, country, created_at, updated_at)
SELECT 'Company ' || n, 'company ' || n,
       (ARRAY['retail', 'software', 'travel', 'health', 'bank', NULL])[1 + n % 6],
       (random() ^ 3 * 5000)::int, (ARRAY['SG', 'DE', 'US', 'CN'])[1 + n % 4], {NOW}, {NOW}
FROM generate_series(1, :contacts / 10) AS n
"""
CONTACTS = f"""
INSERT INTO contact (email, email_key, phone, first_name, last_name, name_key, job_title, language,
    country, city, time_zone, birthday, lifecycle_stage, lead_status, source, score, account_id,
    custom, last_seen_at, created_at, updated_at)
SELECT 'person' || n || '@example.com', 'person' || n || '@example.com',
       CASE WHEN n % 3 = 0 THEN '+65' || n END, 'Person', 'Number ' || n, 'person number ' || n,
       (ARRAY['Engineer', 'Head of Sales', 'Manager', 'Director', NULL])[1 + n % 5],
       (ARRAY['en', 'de', 'zh'])[1 + n % 3],
       (ARRAY['SG', 'DE', 'FR', 'US', 'JP', 'BR', 'CN', NULL])[1 + (random() * 8)::int % 8],
       'City ' || n % 500, 'Asia/Singapore',
       date '1960-01-01' + (random() * 16000)::int,
       (ARRAY['lead', 'lead', 'subscriber', 'customer', 'customer', 'churned'])
           [1 + (random() * 6)::int % 6],
       (ARRAY['new', 'open', NULL])[1 + n % 3],
       (ARRAY['web', 'fair', 'referral', 'import'])[1 + (random() * 4)::int % 4],
       (random() * 100)::int,
       CASE WHEN n % 4 > 0 THEN 1 + (random() * (:contacts / 10 - 1))::int END,
       jsonb_build_object('plan', (ARRAY['free', 'pro', 'team'])[1 + (random() * 3)::int % 3],
                          'seats', (random() * 50)::int),
       CASE WHEN random() < 0.9 THEN {NOW} - random() ^ 2 * interval '400 days' END,
       {NOW} - random() * interval '1500 days', {NOW}
FROM generate_series(1, :contacts) AS n
"""
TAGS = """
INSERT INTO tag (name) SELECT 'tag ' || n FROM generate_series(1, 40) AS n
"""
CONTACT_TAGS = """
INSERT INTO contact_tag (contact_id, tag)
SELECT DISTINCT n, 'tag ' || 1 + floor(random() ^ 1.5 * 40)::int
FROM generate_series(1, :contacts) AS n, generate_series(1, 2 + n % 8 / 7) AS k
"""
# Sold and seen mostly in the order in which it was written, as it is in life.
ORDERS = f"""
INSERT INTO "order" (external_id, contact_id, placed_at, status, total_minor, currency, item_count)
SELECT 'shop-' || n, 1 + floor(random() * :contacts)::int,
       {NOW} - ((3 * :contacts - n) / (3.0 * :contacts) + CASE WHEN random() < 0.05 THEN random()
           ELSE random() / 100 END) * interval '720 days',
       (ARRAY['completed', 'completed', 'paid', 'open', 'refunded', 'cancelled'])
           [1 + (random() * 6)::int % 6],
       (random() ^ 2 * 50000)::int, (ARRAY['EUR', 'EUR', 'USD'])[1 + n % 3],
       1 + (random() * 5)::int
FROM generate_series(1, 3 * :contacts) AS n
"""
EVENTS = f"""
INSERT INTO event (source, message_id, name, contact_id, properties, occurred_at, received_at)
SELECT 'website', 'm' || n,
       (ARRAY['Page Viewed', 'Page Viewed', 'Page Viewed', 'Message Opened', 'Message Opened',
              'Message Clicked', 'Product Viewed', 'Cart Updated', 'Signed In', 'Order Completed'])
           [1 + floor(random() * 10)::int],
       1 + floor(random() * :contacts)::int,
       jsonb_build_object('device', (ARRAY['phone', 'desktop'])[1 + n % 2], 'total', n % 200),
       {NOW} - ((5 * :contacts - n) / (5.0 * :contacts) + CASE WHEN random() < 0.05 THEN random()
           ELSE 0 END) * interval '365 days',
       {NOW} - (5 * :contacts - n) / (5.0 * :contacts) * interval '365 days'
FROM generate_series(1, 5 * :contacts) AS n
"""
STATEMENTS = {
    "accounts": ACCOUNTS,
    "contacts": CONTACTS,
    "tags": TAGS,
    "tags of contacts": CONTACT_TAGS,
    "orders": ORDERS,
    "events": EVENTS,
}
# Indexes that are built once at the end; without them a load takes a fraction of the time.
SECONDARY = """
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary
  AND c.relname IN ('account', 'contact', 'contact_tag', 'order', 'event')
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""


@contextmanager
def company(contacts: int, *, fresh: bool = False) -> Iterator[Engine]:
    """The database with so many contacts, two tags, three orders and five events to each.

    It stays in `FOLDER` afterwards: the next call takes it as it is, unless it has another size or
    `fresh` asks for a new one.
    """
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    settings = load()
    settings = dataclasses.replace(
        settings, data=settings.data.model_copy(update={"folder": FOLDER})
    )
    data = DataDir(FOLDER)
    with data.locked():
        machine = Machine(settings, data)
        machine.spawn(temporal=False)
        try:
            address = machine.wait_ready().database.url
            assert address is not None
            url = address.get_secret_value()
            engine = create_engine(url)
            if fresh or _size(engine) != contacts:
                _make(engine, url, contacts)
            else:
                upgrade(url)
            yield engine
            engine.dispose()
        finally:
            machine.stop()


def _size(engine: Engine) -> int | None:
    with engine.connect() as connection:
        comment: str | None = connection.scalar(
            text("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
        )
    known = (comment or "").removeprefix("contacts: ")
    return int(known) if known.isdecimal() else None


def _make(engine: Engine, url: str, contacts: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    upgrade(url)
    started = time.perf_counter()
    with engine.begin() as connection:
        _fill(connection, contacts)
        connection.execute(text(f"COMMENT ON SCHEMA public IS 'contacts: {contacts}'"))
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM (ANALYZE)"))
    print(f"{contacts:,} contacts generated in {time.perf_counter() - started:.0f} s", flush=True)


def _fill(connection: Connection, contacts: int) -> None:
    indexes = connection.execute(text(SECONDARY)).all()
    for index in indexes:
        connection.execute(text(f"DROP INDEX {index.name}"))
    # Triggers and foreign keys have nothing to add to rows that are right by construction.
    connection.execute(text("SET LOCAL session_replication_role = 'replica'"))
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    connection.execute(text("SELECT setseed(0.42)"))
    for what, statement in STATEMENTS.items():
        started = time.perf_counter()
        connection.execute(text(statement), {"contacts": contacts})
        print(f"{what}: {time.perf_counter() - started:.0f} s", flush=True)
    for index in indexes:
        connection.exec_driver_sql(index.definition)
