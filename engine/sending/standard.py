"""The policy that counts until somebody saves another."""

from __future__ import annotations

from typing import Final

STANDARD: Final = """\
# When messages may go, and how many. Without "purpose" a rule is about marketing.
# Nobody's phone rings at night, on their own clock. Mail waits for nothing.
quiet_hours:
  - {from: "21:00", until: "08:00", medium: [sms, chat]}
# What had to wait for longer is not sent any more.
longest_wait: 7d
"""
