"""A small world whose segments are kept."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.services.segments import recounting
from tests.driving.world import CrashingStore, RememberingChannel
from tests.segments.segment_world import SegmentWorld


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> SegmentWorld:
    # a machine that is busy with other tests is no large segment
    monkeypatch.setattr(recounting, "EXACT_BELOW_SECONDS", 60.0)
    return SegmentWorld(CrashingStore(store), RememberingChannel())
