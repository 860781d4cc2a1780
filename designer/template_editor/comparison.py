"""Two texts of a template side by side, as they are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from designer.template_editor.side_by_side import FileChange, Line
from designer.visitor import Visitor
from designer.widgets import block, chip, words

_SIGNS = {"added": "+", "removed": "−", "changed": "~", "same": "", "gap": ""}


def draw_changes(changes: Sequence[FileChange], visitor: Visitor, left: str, right: str) -> None:
    """`left` and `right` are the headings of the sides."""
    t = visitor.t
    if not changes:
        words(t("Both say the same."), "cz-soft cz-pad", tag="p")
    said = {"added": t("Only on the right"), "removed": t("Only on the left")}
    for change in changes:
        with block("cz-card te-diff"):
            with block("cz-card__head"):
                words(change.file, "cz-h2 te-mono", tag="h3")
                if change.change in said:
                    chip(said[change.change], "good" if change.change == "added" else "warn")
            with block("te-diff__table", tag="table"):
                with block(tag="colgroup"):
                    for one in ("te-diff__no", "", "te-diff__no", ""):
                        block(one, tag="col")
                with block(tag="thead"), block(tag="tr"):
                    for heading in (left, right):
                        head = words(heading, tag="th")
                        head.props["colspan"] = "2"
                        head.props["scope"] = "col"
                with block(tag="tbody"):
                    for line in change.lines:
                        _row(line)


def _row(line: Line) -> None:
    with block(f"te-diff__row is-{line.change}", tag="tr"):
        if line.change == "gap":
            words("⋯", "cz-soft", tag="td").props["colspan"] = "4"
            return
        sign = _SIGNS[line.change]
        for number, text, side in (
            (line.left, line.left_text, "left"),
            (line.right, line.right_text, "right"),
        ):
            words("" if number is None else f"{sign}{number}", "te-diff__no", tag="td")
            words(text, f"te-diff__text is-{side}", tag="td")
