"""What keeps the texts from being published, and what would be better: each leads to its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from designer.asking import plain_button
from designer.letter_words import LEVELS
from designer.problem_words import problem_words
from designer.template_editor.code_help import Mark
from designer.template_editor.draft import TemplateDraft
from designer.template_editor.places import Spot, spot_of
from designer.template_editor.switch import set_class
from designer.terms import toned
from designer.visitor import Visitor
from designer.widgets import block, chip, words
from engine.errors import Problem
from engine.services.templates.checking import Checked

MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Placed:
    level: str
    problem: Problem
    spot: Spot


class ProblemList:
    """`opened` is called with the spot of a problem that somebody chose."""

    def __init__(
        self, draft: TemplateDraft, visitor: Visitor, opened: Callable[[Spot], None]
    ) -> None:
        self._draft = draft
        self._visitor = visitor
        self._opened = opened
        self._placed: tuple[Placed, ...] = ()
        self._at = -1
        self._open = False

    @property
    def count(self) -> int:
        """Of what must be mended."""
        return sum(one.level == "problem" for one in self._placed)

    def build(self) -> None:
        with block("te-problems").mark("problems") as self._place:
            self._head = block("te-problems__head", tag="button")
            self._head.props["type"] = "button"
            self._head.on("click", self._turn, args=[])
            with self._head:
                self._chip = block("cz-row cz-grow")
                self._arrow = words("▸", "cz-soft")
            self._list = block("te-problems__list cz-hidden", tag="ul")
        self._place.props["aria-live"] = "polite"

    def show(self, checked: Checked | None) -> None:
        """None: it could not be checked just now; what was said before stays."""
        if checked is None:
            return
        levels = (("problem", checked.problems), ("warning", checked.warnings))
        placed = tuple(
            Placed(level, one, spot_of(one.place, one.message, one.code, self._draft.files))
            for level, found in levels
            for one in found
        )
        if placed == self._placed and self._at != -1:
            return
        appeared = bool(placed) and not any(one.level == "problem" for one in self._placed)
        self._placed, self._at = placed, max(self._at, 0)
        self._draw()
        if appeared and self.count:
            self._unfold(on=True)

    def marks(self) -> dict[str, list[Mark]]:
        found: dict[str, list[Mark]] = {}
        for one in self._placed:
            if one.spot.file and one.spot.line:
                level = "problem" if one.level == "problem" else "warning"
                said = problem_words(
                    "letter", one.problem.code, one.problem.message, self._visitor.t
                )
                mark: Mark = (one.spot.line, level, said)  # type: ignore[assignment]
                found.setdefault(one.spot.file, []).append(mark)
        return found

    def next(self) -> None:
        """Jump to the problem after the last one jumped to."""
        if self._placed:
            self._at = (self._at + 1) % len(self._placed)
            self._opened(self._placed[self._at].spot)

    def _draw(self) -> None:
        t = self._visitor.t
        warnings = len(self._placed) - self.count
        self._chip.mark("checked")
        self._chip.clear()
        with self._chip:
            if not self._placed:
                words(t("The check found nothing."), "cz-good")
            if self.count:
                chip(t.n("{count} problem", "{count} problems", self.count), "bad")
            if warnings:
                chip(t.n("{count} warning", "{count} warnings", warnings), "warn")
        self._list.clear()
        with self._list:
            for at, one in enumerate(self._placed[:MOST_SHOWN]):
                self._line(at, one)

    def _line(self, at: int, one: Placed) -> None:
        t = self._visitor.t
        level, tone = toned(LEVELS, one.level, t)
        said = problem_words("letter", one.problem.code, one.problem.message, t)
        with block("te-problem", tag="li"):
            chip(level, tone)
            if one.spot == Spot():
                words(said, "cz-grow").mark(f"problem-{at}")
            else:
                leads = plain_button(said, partial(self._jump, at))
                leads.classes("is-quiet cz-grow te-problem__text").mark(f"problem-{at}")
            words(self._where(one), "cz-soft cz-small")

    def _where(self, one: Placed) -> str:
        t = self._visitor.t
        if one.spot.file and one.spot.line:
            return t("{file}, line {line}", file=one.spot.file, line=one.spot.line)
        return one.spot.file or one.spot.language or one.problem.place

    def _jump(self, at: int) -> None:
        self._at = at
        self._opened(self._placed[at].spot)

    def _turn(self) -> None:
        self._unfold(on=not self._open)

    def _unfold(self, *, on: bool) -> None:
        self._open = on
        set_class(self._list, "cz-hidden", on=not on)
        self._arrow.set_text("▾" if on else "▸")
        self._head.props["aria-expanded"] = "true" if on else "false"
