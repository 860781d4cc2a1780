"""Fixtures for everybody: a database of one's own, a Temporal server, a clock."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import structlog
from sqlalchemy import make_url

from tests import servers
from tests.clock import Clock
from tests.plain_logs import plain_logs

if TYPE_CHECKING:
    from crm_store.session import Store

plain_logs()

# Six thousand tests are read into memory and stay there: looking through them for garbage again and
# again would take a tenth of the whole run.
gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def databases() -> Iterator[servers.Databases]:
    """The server named by DATABASE_URL, else an own one that lasts as long as this test process."""
    given = os.environ.get("DATABASE_URL")
    if given:
        shared = servers.Databases(make_url(given))
        yield shared
        shared.drop(shared.template)
        shared.close()
        return
    with servers.postgres() as server, closing(servers.Databases(server)) as own:
        yield own


@pytest.fixture
def database_url(databases: servers.Databases) -> Iterator[str]:
    """A migrated, empty database that nobody else uses."""
    name = databases.fresh()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    from crm_store.session import Store

    opened = Store(database_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def temporal_address() -> Iterator[str]:
    """A Temporal dev server in memory, shared by the test process; use ids of your own."""
    with servers.temporal() as address:
        yield address


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """For tests that send logs our way: the next test's go its own way again."""
    root = logging.getLogger()
    level = root.level
    yield
    ours = structlog.stdlib.ProcessorFormatter
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, ours)]
    root.setLevel(level)
    plain_logs()
