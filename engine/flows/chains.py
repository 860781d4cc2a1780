"""How often a flow may act in one chain of changes that follow from each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# A change, its answer, and one more for flows that meet twice with good reason.
MOST_TIMES: Final = 3
# A run that is older no longer knows what it was entered by.
REMEMBERED_FOR: Final = timedelta(days=1)
