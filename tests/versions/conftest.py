"""The small world of the drivers, and hands to move people between versions in it."""

from __future__ import annotations

from tests.driving.conftest import world

__all__ = ["world"]
