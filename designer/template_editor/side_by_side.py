"""Two texts side by side, line by line: what was taken out, put in, or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, TypeAlias

Change: TypeAlias = Literal["same", "changed", "added", "removed", "gap"]
# Unchanged lines around what changed.
AROUND: Final = 3
# Comparing takes the square of the lines at worst; longer texts are told apart only as a whole.
MOST_LINES: Final = 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers count from 1; None where the side has no line. A gap stands for unchanged lines."""

    change: Change
    left: int | None
    left_text: str
    right: int | None
    right_text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """`change` of the file as a whole; without lines when it is the same."""

    file: str
    change: Change
    lines: tuple[Line, ...]


def changes_between(
    left: Mapping[str, str], right: Mapping[str, str], order: Sequence[str]
) -> list[FileChange]:
    """What differs, file by file, in this order."""
    found = []
    for file in order:
        one, other = left.get(file), right.get(file)
        if one == other:
            continue
        change: Change = "added" if one is None else "removed" if other is None else "changed"
        found.append(FileChange(file, change, tuple(compared(one or "", other or ""))))
    return found


def compared(left: str, right: str) -> list[Line]:
    """All lines that differ, with some around them."""
    ours, theirs = left.splitlines(), right.splitlines()
    if len(ours) + len(theirs) > MOST_LINES:
        return [Line("changed", None, f"{len(ours)}", None, f"{len(theirs)}")]
    lines: list[Line] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [
                Line("same", i1 + at + 1, ours[i1 + at], j1 + at + 1, theirs[j1 + at])
                for at in range(i2 - i1)
            ]
            continue
        for at in range(max(i2 - i1, j2 - j1)):
            has_left, has_right = i1 + at < i2, j1 + at < j2
            change: Change = (
                "changed" if has_left and has_right else "removed" if has_left else "added"
            )
            lines.append(
                Line(
                    change,
                    i1 + at + 1 if has_left else None,
                    ours[i1 + at] if has_left else "",
                    j1 + at + 1 if has_right else None,
                    theirs[j1 + at] if has_right else "",
                )
            )
    return _shortened(lines)


def _shortened(lines: Sequence[Line]) -> list[Line]:
    near = {
        place
        for at, line in enumerate(lines)
        if line.change != "same"
        for place in range(at - AROUND, at + AROUND + 1)
    }
    shown: list[Line] = []
    for at, line in enumerate(lines):
        if at in near:
            shown.append(line)
        elif not shown or shown[-1].change != "gap":
            shown.append(Line("gap", None, "", None, ""))
    return shown
