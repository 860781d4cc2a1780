"""A model that can be asked for scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from engine.rules import ir
from engine.rules.analysis import Verdict, verdict
from engine.rules.explain import Explained
from engine.rules.facts import Catalogue
from engine.rules.flips import flips_of
from engine.rules.parse import compiled, parse
from engine.rules.problems import RuleRefused, step_into
from engine.rules.reads import Reads, union
from engine.rules.rule import Facts, Rule
from engine.rules.scoring.fading import MILLION, age_in_days, faded, lasts_days, whole_points
from engine.rules.scoring.model import PointRule, ScoringModel
from engine.rules.scoring.problems import Code, ModelProblem, ModelRefused
from engine.rules.types import Type


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gave. `count` is how many events did, `why` explains a rule on facts; both are
    None for the other kind. `fading`: it will be another number tomorrow, though nothing happens.
    """

    key: str
    points: int
    count: int | None = None
    why: Explained | None = None
    fading: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """`parts` are in the order of the model, those without points included; their sum is `total`
    before the bounds of the model and rounding.
    """

    total: int
    band: str | None
    parts: tuple[Part, ...]

    @property
    def fading(self) -> bool:
        return any(part.fading for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Amount:
    millionths: int
    count: int | None = None
    fading: bool = False


Give = Callable[[Facts, datetime, str], _Amount]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """`rule` holds when there may be points; `give` works them out. `clock`: its conditions may
    change while nothing happens.
    """

    source: PointRule
    rule: Rule
    reads: Reads
    give: Give
    clock: bool


@dataclass(frozen=True)
class CompiledModel:
    """Made by `compile_model`."""

    model: ScoringModel
    rules: tuple[CompiledRule, ...]

    @cached_property
    def reads(self) -> Reads:
        return union(rule.reads for rule in self.rules)

    @cached_property
    def reads_clock(self) -> bool:
        """Whether the score of anybody may change while nothing happens; of those whose `Score` is
        fading it does in any case.
        """
        return any(rule.clock for rule in self.rules)

    def score(
        self, facts: Facts, now: datetime, zone: str = "UTC", *, explain: bool = False
    ) -> Score:
        """The points of these facts at `now`. Whole points, rounded half to even, once at the end
        and once for each part that is shown.
        """
        total, parts = 0, []
        for rule in self.rules:
            amount = rule.give(facts, now, zone)
            total += amount.millionths
            why = rule.rule.explain(facts, now, zone) if explain and not rule.source.event else None
            points = whole_points(amount.millionths)
            parts.append(Part(rule.source.key, points, amount.count, why, amount.fading))
        bounded = self._bounded(whole_points(total))
        return Score(bounded, self.model.band_of(bounded), tuple(parts))

    def _bounded(self, total: int) -> int:
        if self.model.cap is not None:
            total = min(total, self.model.cap)
        return total if self.model.floor is None else max(total, self.model.floor)


def compile_model(model: ScoringModel, catalogue: Catalogue) -> CompiledModel:
    """Raises ModelRefused with every rule that does not fit the facts."""
    compiler = _Compiler(catalogue)
    rules = [compiler.rule(f"/rules/{at}", rule) for at, rule in enumerate(model.rules)]
    if compiler.problems:
        raise ModelRefused(compiler.problems)
    return CompiledModel(model, tuple(rule for rule in rules if rule is not None))


def check_model(model: CompiledModel) -> list[ModelProblem]:
    """Warnings: rules that can never give points."""
    message = "This rule can never hold, so it never gives points."
    return [
        ModelProblem(f"/rules/{at}", Code.NEVER_TRUE, message, warning=True)
        for at, rule in enumerate(model.rules)
        if verdict(rule.rule.root) is Verdict.IMPOSSIBLE
    ]


class _Compiler:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.problems: list[ModelProblem] = []

    def rule(self, pointer: str, rule: PointRule) -> CompiledRule | None:
        if rule.event is not None:
            return self._event_rule(pointer, rule, rule.event)
        found = self._parsed(rule.when, step_into(pointer, "when"))
        since = self._since(pointer, rule)
        if found is None or (rule.decay is not None and since is None):
            return None
        if since is None:
            return CompiledRule(rule, found, found.reads, _plain(rule, found), _has_clock(found))
        reads = union([found.reads, since.reads])
        give = _fading_fact(rule, found, since)
        return CompiledRule(rule, found, reads, give, _has_clock(found))

    def _parsed(self, document: Any, pointer: str, inside: str = "") -> Rule | None:
        """The rule of a document; problems point from `inside` it on."""
        try:
            return parse(document, self.catalogue, event_rule=False)
        except RuleRefused as refused:
            self.problems.extend(
                ModelProblem(
                    pointer + problem.pointer.removeprefix(inside), Code.BAD_RULE, problem.message
                )
                for problem in refused.problems
            )
            return None

    def _since(self, pointer: str, rule: PointRule) -> Rule | None:
        """A rule that asks whether the fact is there: it knows where the fact is read."""
        if rule.decay is None or rule.decay.since is None:
            return None
        place = step_into(step_into(pointer, "decay"), "since")
        found = self._parsed({"is_set": [{"var": rule.decay.since}]}, place)
        if found is None:
            return None
        match found.root:
            case ir.IsSet(value=ir.Field(type=Type.DATE | Type.DATETIME, dynamic=False)):
                return found
        message = f'"{rule.decay.since}" is not a built-in date or time; name one.'
        self.problems.append(ModelProblem(place, Code.BAD_VALUE, message))
        return None

    def _event_rule(self, pointer: str, rule: PointRule, event: str) -> CompiledRule | None:
        where: list[Any] = [{"==": [{"var": "name"}, event]}]
        days = [rule.within_days] if rule.within_days else []
        days += [lasts_days(rule.decay)] if rule.decay else []
        clock = False
        if rule.where is not None:
            asked_of_one = _some_event(rule.where)
            narrowed = self._parsed(asked_of_one, step_into(pointer, "where"), inside="/some/1")
            if narrowed is None:
                return None
            clock = _has_clock(narrowed)
            where.append(rule.where)
        if days:
            where.append({"in_last": [{"var": "occurred_at"}, min(days), "days"]})
        asked = _some_event({"and": where})
        found = self._parsed(asked, step_into(pointer, "event"))
        if found is None:
            return None
        assert isinstance(found.root, ir.Quantified)
        give = _of_events(rule, found.root.where)
        return CompiledRule(rule, found, found.reads, give, clock)


def _some_event(where: Any) -> Any:
    return {"some": [{"var": "events"}, where]}


def _has_clock(rule: Rule) -> bool:
    return not flips_of(rule.root).never


def _plain(source: PointRule, rule: Rule) -> Give:
    points = round(source.points * MILLION)

    def give(facts: Facts, now: datetime, zone: str) -> _Amount:
        return _Amount(points if rule.holds(facts, now, zone) else 0)

    return give


def _fading_fact(source: PointRule, rule: Rule, since: Rule) -> Give:
    assert isinstance(since.root, ir.IsSet)
    assert isinstance(since.root.value, ir.Field)
    path = since.root.value.path

    def give(facts: Facts, now: datetime, zone: str) -> _Amount:
        when = _read(facts, path)
        if when is None or not rule.holds(facts, now, zone):
            return _Amount(0)
        left = faded(source.points, source.decay, age_in_days(when, now, zone))
        return _Amount(left, fading=left != 0)

    return give


def _of_events(source: PointRule, where: ir.Predicate) -> Give:
    test = compiled(None, where)
    most = None if source.cap is None else round(source.cap * MILLION)
    passes = source.decay is not None or source.within_days is not None
    flat = round(source.points * MILLION)

    def worth(event: Mapping[str, Any], now: datetime, zone: str) -> int:
        # when it happened is only known of events whose points pass
        if source.decay is None:
            return flat
        return faded(source.points, source.decay, age_in_days(event["occurred_at"], now, zone))

    def give(facts: Facts, now: datetime, zone: str) -> _Amount:
        events = facts.get("events") or ()
        fitting = [event for event in events if test.holds(event, now, zone)]
        given = sum(worth(event, now, zone) for event in fitting)
        if most is not None:
            given = max(-most, min(given, most))
        return _Amount(given, len(fitting), fading=passes and bool(fitting))

    return give


def _read(facts: Mapping[str, Any], path: ir.Path) -> date | datetime | None:
    found: Any = facts
    for name in path:
        if found is None:
            return None
        found = found.get(name)
    return found if isinstance(found, date) else None
