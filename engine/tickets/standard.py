"""The policy that holds until somebody writes another."""

from __future__ import annotations

from typing import Final

STANDARD: Final = """\
# Working time, by the default calendar. Change what you promise.
targets:
  urgent: {response: 1h, resolution: 8h}
  high: {response: 4h, resolution: 2d}
  normal: {response: 8h, resolution: 5d}
  low: {response: 2d, resolution: 10d}
# The owner is told when so many percent of a target are over.
alerts: [75]
dedupe_within: 3d
reopen_within: 14d
close_after: 5d
survey: {low: 2}
"""
