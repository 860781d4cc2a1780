"""A small world whose segments are kept."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from tests.driving.world import CrashingStore, RememberingChannel
from tests.segments.segment_world import SegmentWorld


@pytest.fixture
def world(store: Store) -> SegmentWorld:
    return SegmentWorld(CrashingStore(store), RememberingChannel())
