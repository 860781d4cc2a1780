"""The events of coming and going, as they are written."""

from __future__ import annotations

from typing import Final

from crm_store.segment_members import Names
from engine.flows.triggers.segment import SEGMENT_ENTERED, SEGMENT_KIND, SEGMENT_LEFT

SOURCE: Final = "cadenza"
KIND: Final = SEGMENT_KIND
NAMES: Final = Names(source=SOURCE, kind=KIND, entered=SEGMENT_ENTERED, left=SEGMENT_LEFT)
