"""What a check says about a letter beside its language: what must go, what would be better."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MistakeCode = Literal[
    "empty_link",
    "link_scheme",
    "relative_link",
    "private_link",
    "unquoted_value",
    "value_in_tag",
    "active_content",
    "broken_tag",
]
WarningCode = Literal["missing_alt", "low_contrast"]


@dataclass(frozen=True, slots=True)
class Remark:
    """`line` counts from 1 in the source that was looked at."""

    line: int
    code: MistakeCode | WarningCode
    message: str


@dataclass(slots=True)
class Remarks:
    """`mistakes` keep a letter from being used; `warnings` do not."""

    mistakes: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
