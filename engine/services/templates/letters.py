"""A letter with its frame around it, as HTML whose styles stand in its tags; Jinja is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import Problem
from engine.rendering.inlining import inline_styles
from engine.rendering.letter_checks import check_whole
from engine.rendering.mjml import compile_mjml
from engine.rendering.problems import TemplateProblem, TemplateRefused
from engine.services.templates.bundle import CONTENT, Bundle


@dataclass(frozen=True, slots=True)
class _Merged:
    """A body in its frame, and where each line of it came from."""

    text: str
    body_place: str
    frame_place: str | None
    lines_before: int
    body_lines: int

    def place(self, line: int) -> str:
        if self.frame_place is None or 0 <= line - 1 - self.lines_before <= self.body_lines:
            return f"{self.body_place}:{line - self.lines_before}"
        ahead = line <= self.lines_before
        return f"{self.frame_place}:{line if ahead else line - self.body_lines}"


def framed_letter(
    bundle: Bundle, file: str, frame: str | None, language: str, problems: list[Problem]
) -> str | None:
    """The whole letter; None, and what is wrong, where it cannot be made."""
    merged = _merge(bundle, file, frame)
    if not file.endswith(".mjml"):
        _look_over(merged.text, merged, problems)
        try:
            return inline_styles(merged.text)
        except TemplateRefused as refused:
            problems.extend(_placed(refused.problems, merged))
            return None
    try:
        made = compile_mjml(merged.text, language)
    except TemplateRefused as refused:
        problems.extend(one for one in _placed(refused.problems, merged) if one not in problems)
        return None
    _look_over(made.html, merged, problems)
    try:
        return inline_styles(made.html, made.css, own_styles=False)
    except TemplateRefused as refused:
        # these lines are of the HTML that MJML made, which nobody wrote
        problems.extend(Problem(merged.body_place, p.code, p.message) for p in refused.problems)
        return None


def _look_over(html: str, merged: _Merged, problems: list[Problem]) -> None:
    """What the sources did not show; each thing is said once."""
    said = {(one.code, one.message) for one in problems}
    for one in check_whole(html):
        if (one.code, one.message) not in said:
            said.add((one.code, one.message))
            problems.append(Problem(merged.body_place, one.code, one.message))


def _merge(bundle: Bundle, file: str, frame: str | None) -> _Merged:
    body, place = bundle.files[file], f"{bundle.prefix}{file}"
    if frame is None:
        return _Merged(body, place, None, 0, body.count("\n"))
    around = bundle.frames[frame]
    before, content, after = around.partition(CONTENT)
    text = f"{before}{body if content else ''}{after}"
    return _Merged(text, place, f"_frames/{frame}", before.count("\n"), body.count("\n"))


def _placed(found: Sequence[TemplateProblem], merged: _Merged) -> list[Problem]:
    return [Problem(merged.place(one.line), one.code, one.message) for one in found]
