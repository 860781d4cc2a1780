"""Mistakes that can be seen in the pipeline alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from pydantic_core import PydanticCustomError

from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.pipelines.model import ANY_STAGE, PipelineModel, StageModel, TransitionModel
from engine.steps.span_words import span_of
from engine.steps.working import refuse_long

Ways = Mapping[str, frozenset[str]]


def shape_problems(model: PipelineModel) -> list[Problem]:
    """Every one, in the order of the document."""
    found = [
        *_stages(model),
        *_transitions(model),
        *_moved(model),
        *_spans(model),
    ]
    # ways can only be followed where they lead somewhere
    return found or [*_ways_through(model), *_endless(model)]


def _stages(model: PipelineModel) -> Iterator[Problem]:
    times = Counter(stage.key for stage in model.stages)
    seen: set[str] = set()
    for at, stage in enumerate(model.stages):
        if times[stage.key] > 1 and stage.key in seen:
            words = f"there is a stage {shown(stage.key)} already; give this one another key."
            yield Problem(f"/stages/{at}/key", "stage_twice", words)
        seen.add(stage.key)
        yield from _one_stage(stage, at)
    for kind, words in (
        ("open", "no stage is open, so no deal could begin; add one."),
        ("won", "no stage is won, so no deal could be won; add one with kind: won."),
        ("lost", "no stage is lost, so no deal could be lost; add one with kind: lost."),
    ):
        if not any(stage.kind == kind for stage in model.stages):
            yield Problem("/stages", f"no_{kind}_stage", words)


def _one_stage(stage: StageModel, at: int) -> Iterator[Problem]:
    wanted = {"won": 100, "lost": 0}.get(stage.kind)
    if wanted is not None and stage.probability_percent != wanted:
        words = f"a {stage.kind} stage has a probability of {wanted}; leave it out."
        yield Problem(f"/stages/{at}/probability", "closed_probability", words)
    if stage.is_open:
        return
    for name, given in (("sla", bool(stage.sla)), ("rot_after", stage.rot_after is not None)):
        if given:
            words = f"deals on a {stage.kind} stage are over and have no clock; take it out."
            yield Problem(f"/stages/{at}/{name}", "clock_on_closed", words)


def _transitions(model: PipelineModel) -> Iterator[Problem]:
    keys = [stage.key for stage in model.stages]
    for at, way in enumerate(model.transitions):
        place = f"/transitions/{at}"
        for origin in way.origins:
            if origin != ANY_STAGE and origin not in keys:
                yield _unknown_stage(f"{place}/from", origin, keys)
        if way.to not in keys:
            yield _unknown_stage(f"{place}/to", way.to, keys)
        elif way.to in way.origins:
            words = f"leads from {shown(way.to)} to itself; take one of them out."
            yield Problem(f"{place}/to", "to_itself", words)
        yield from _automatic(way, model, f"{place}/automatic")


def _automatic(way: TransitionModel, model: PipelineModel, place: str) -> Iterator[Problem]:
    if way.automatic is None:
        return
    if way.automatic.after is None and way.automatic.when is None:
        words = 'says neither "after" which time nor "when" by a rule; write one of them.'
        yield Problem(place, "automatic_without_cause", words)
    if way.approval is not None:
        words = "a move that waits for an approval is asked for by somebody; take one of them out."
        yield Problem(place, "automatic_approval", words)
    closed = [one for one in way.origins if (at := model.stage(one)) and not at.is_open]
    for origin in closed:
        words = f"deals on {shown(origin)} are over and have no clock, so nothing moves them."
        yield Problem(place, "automatic_on_closed", words)


def _unknown_stage(place: str, given: str, keys: Iterable[str]) -> Problem:
    words = f"there is no stage {shown(given)}; {did_you_mean(given, keys)}"
    return Problem(place, "unknown_stage", words)


def _moved(model: PipelineModel) -> Iterator[Problem]:
    keys = [stage.key for stage in model.stages]
    for old, new in model.moved.items():
        place = f"/moved/{old.replace('~', '~0').replace('/', '~1')}"
        if old in keys:
            words = f"the stage {shown(old)} is still there, so nothing moves away from it."
            yield Problem(place, "moved_from_present", words)
        if new not in keys:
            yield _unknown_stage(place, new, keys)


def _spans(model: PipelineModel) -> Iterator[Problem]:
    working = [
        *(
            (f"/stages/{at}/sla/{number}/after", alert.after)
            for at, stage in enumerate(model.stages)
            for number, alert in enumerate(stage.sla)
        ),
        *(
            (f"/transitions/{at}/automatic/after", way.automatic.after)
            for at, way in enumerate(model.transitions)
            if way.automatic is not None and way.automatic.after is not None
        ),
    ]
    for place, text in working:
        try:
            refuse_long(span_of(text))
        except PydanticCustomError as error:
            yield Problem(place, error.type, error.message())


def ways_of(model: PipelineModel) -> Ways:
    """By stage, where deals may go from it."""
    keys = frozenset(stage.key for stage in model.stages)
    if not model.transitions:
        return {key: keys - {key} for key in keys}
    return {
        key: frozenset(way.to for way in model.transitions if way.leads_from(key)) for key in keys
    }


def _ways_through(model: PipelineModel) -> Iterator[Problem]:
    ways = ways_of(model)
    start = next(stage.key for stage in model.stages if stage.is_open)
    met = {start} | _reached(start, ways)
    closed = {stage.key for stage in model.stages if not stage.is_open}
    for at, stage in enumerate(model.stages):
        if stage.key not in met:
            words = f"no way leads from {shown(start)}, where deals begin, to {shown(stage.key)}."
            yield Problem(f"/stages/{at}", "unreachable_stage", words)
        elif stage.is_open and not _reached(stage.key, ways) & closed:
            words = (
                f"from {shown(stage.key)} no way leads to a closed stage, so its deals stay open."
            )
            yield Problem(f"/stages/{at}", "no_way_out", words)


def _endless(model: PipelineModel) -> Iterator[Problem]:
    """Moves by a rule alone happen one after the other; in a circle they would never end."""
    at_once = [
        (at, way)
        for at, way in enumerate(model.transitions)
        if way.automatic is not None and way.automatic.after is None
    ]
    open_keys = [stage.key for stage in model.stages if stage.is_open]
    ways = {
        key: frozenset(way.to for _, way in at_once if way.leads_from(key)) for key in open_keys
    }
    for at, way in at_once:
        back = _reached(way.to, ways) | {way.to}
        if any(way.leads_from(key) and key in back for key in open_keys):
            words = (
                "moves by themselves lead round in a circle here, and none of them waits; give one "
                'of them "after".'
            )
            yield Problem(f"/transitions/{at}/automatic", "endless_moves", words)


def _reached(start: str, ways: Ways) -> set[str]:
    met: set[str] = set()
    ahead = list(ways.get(start, ()))
    while ahead:
        here = ahead.pop()
        if here not in met:
            met.add(here)
            ahead.extend(ways.get(here, ()))
    return met
