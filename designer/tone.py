"""What a word's colour says."""

from __future__ import annotations

from typing import Literal, TypeAlias

Tone: TypeAlias = Literal["plain", "good", "warn", "bad", "accent"]
