"""Differences, forecasts and previews of flows as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.flows.diff import FlowDiff, Line, listed
from engine.flows.migration import Fit, Proposal
from engine.flows.migration.write import WHY_WORDS
from engine.rules import Catalogue, Language
from engine.services.flow_files import Forecast
from engine.services.version_moves import MoveLine, Preview, PreviewLine


def diff_lines(diff: FlowDiff, catalogue: Catalogue, language: Language) -> Iterator[str]:
    if diff.is_empty:
        yield "Nothing differs."
        return
    for line in listed(diff, catalogue, language):
        yield from _told(line)


def _told(line: Line) -> Iterator[str]:
    """A value that takes many words gets a line for each side."""
    indent = "" if line.node is None or not (line.before or line.after) else "  "
    if not line.before and not line.after:
        yield line.what
    elif len(line.before) + len(line.after) <= 60:
        yield f"{indent}{line.what}: {line.before} -> {line.after}"
    else:
        yield f"{indent}{line.what}:"
        yield f"{indent}  - {line.before}"
        yield f"{indent}  + {line.after}"


def forecast_lines(told: Forecast, language: Language) -> Iterator[str]:
    yield from _becomes(told)
    if told.diff is not None and not told.is_unchanged:
        yield ""
        yield from diff_lines(told.diff, told.catalogue, language)
    yield ""
    yield from _audience(told)
    if told.inside:
        yield "Inside now, on the version they entered with:"
        for one in told.inside:
            held = " held" if one.state == "held" else ""
            yield f"  version {one.number}\t{one.node}\t{one.people}{held}"
    else:
        yield "Nobody is inside."
    if told.published is not None and not told.is_unchanged and told.inside:
        yield "A move could bring them along; `cadenza flow move propose` writes the plan:"
        yield from proposal_lines(told.proposals)


def _becomes(told: Forecast) -> Iterator[str]:
    name = told.flow.name
    if told.is_unchanged:
        yield f'"{name}" is published already as version {told.becomes}; nothing would change.'
    elif told.published is None:
        yield f'"{name}" would be published as version {told.becomes}, its first.'
    else:
        yield f'"{name}" would become version {told.becomes}; {told.published} is published now.'


def _audience(told: Forecast) -> Iterator[str]:
    if told.not_counted is not None:
        yield f"Whom its trigger finds could not be counted: {told.not_counted}"
    elif told.audience is not None:
        when = "enter at once" if told.enters_at_once and not told.is_unchanged else "match now"
        yield f"{told.audience} contacts match its trigger and {when}; its entry may keep some out."
    else:
        yield "Its trigger finds nobody by itself: events, or people, bring them in."


def proposal_lines(proposals: Sequence[Proposal]) -> Iterator[str]:
    for one in proposals:
        again = f": {', '.join(one.again)}" if one.again else ""
        yield f"  {one.node}\t{_answer(one.answer.written())}\t{WHY_WORDS[one.why].en}{again}"


_FITS = {
    Fit.SAME: "a wait goes on as it is",
    Fit.RECOMPUTED: "a wait is counted again from when it began",
    Fit.ENTERED: "entered anew",
}


def preview_lines(preview: Preview) -> Iterator[str]:
    for line in preview.lines:
        if line.people:
            yield f"  {line.node}\t{_answer(line.answer.written())}\t{_whom(line)}"
    yield f"{preview.moving} people would be moved."


def _whom(line: PreviewLine) -> str:
    words = [f"{line.moving} of {line.people}"]
    if line.fit is not None:
        words.append(_FITS[line.fit])
    if line.asking:
        words.append(f"{line.asking} wait for an answer first")
    if line.held:
        words.append(f"{line.held} held")
    return ", ".join(words)


def _answer(written: object) -> str:
    return f"to {written['to']}" if isinstance(written, dict) else f"{written}"


def move_lines(moves: Sequence[MoveLine]) -> Iterator[str]:
    for move in moves:
        yield (
            f"{move.id}\tversion {move.from_number} to {move.to_number}\t{move.percent}%"
            f"\t{move.state}\t{move.moved} moved, {move.waiting} waited for,"
            f" {move.returned} returned, {move.moved_on} moved on"
        )
