"""The schema that migrations build is the one the models describe, and each has a way back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from crm_store import migrate
from crm_store.models import Base
from tests.servers import Databases


@pytest.fixture
def unmigrated_url(databases: Databases) -> Iterator[str]:
    name = f"{databases.fresh()}_bare"
    databases.create(name)
    yield databases.url(name)
    databases.drop(name)


def differences(url: str) -> list[object]:
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        found = list(compare_metadata(context, Base.metadata))
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    return names


def test_migrated_schema_is_what_the_models_say(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()
    assert differences(database_url) == []


def test_every_migration_goes_back_and_forward_again(database_url: str) -> None:
    migrate.downgrade(database_url, migrate.BASE)
    assert tables(database_url) == {"alembic_version"}
    assert migrate.current(database_url) is None
    migrate.upgrade(database_url)
    assert differences(database_url) == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert migrate.current(database_url) == migrate.head()


def test_processes_that_migrate_at_once_wait_for_each_other(unmigrated_url: str) -> None:
    failures: list[BaseException] = []

    def up() -> None:
        try:
            migrate.upgrade(unmigrated_url)
        except Exception as error:  # noqa: BLE001 - a thread hands its failure to the test
            failures.append(error)

    threads = [threading.Thread(target=up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert migrate.current(unmigrated_url) == migrate.head()


def test_tables_in_use_are_said_and_what_came_before_stays(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(migrate, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(migrate, "_TRIES", 3)
    migrate.downgrade(database_url, "2026_11_22_1050")
    engine = create_engine(database_url)
    with engine.begin() as beside:
        beside.execute(text("SELECT count(*) FROM message"))
        with pytest.raises(migrate.TablesInUse, match="in use"):
            migrate.upgrade(database_url)
    engine.dispose()
    assert migrate.current(database_url) == "2026_11_22_1050"
    migrate.upgrade(database_url)
    assert differences(database_url) == []


def test_queues_are_cleaned_early(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL")
        )
        settings: dict[str, list[str]] = {row.relname: row.reloptions for row in rows}
    engine.dispose()
    assert "autovacuum_vacuum_cost_delay=0" in settings["event_pending"]
    assert "fillfactor=80" in settings["run"]
