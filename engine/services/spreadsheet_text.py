"""Texts that a spreadsheet shows and does not work out (CWE-1236)."""

from __future__ import annotations

import re
from typing import Final

# What spreadsheets begin a formula with. OWASP adds the tab, the line breaks and the wide forms,
# which some of them turn into the narrow ones.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9 .,()-]{0,30}")


def harmless(text: str) -> str:
    """With an apostrophe where it would be a formula; numbers and telephone numbers stay."""
    begun = text.lstrip(" \n")
    if not begun.startswith(FORMULA) and not text.startswith(FORMULA):
        return text
    return text if _NUMBER.fullmatch(text) else f"'{text}"
