"""A small world on a database of its own."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from tests.driving.world import CrashingStore, RememberingChannel, World


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())
