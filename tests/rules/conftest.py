"""The adversarial records, written once for all tests that ask about them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rules.agreement import World, made
from tests.servers import Databases


@pytest.fixture(scope="session")
def world(databases: Databases) -> Iterator[World]:
    with made(databases, seed=7) as found:
        yield found
