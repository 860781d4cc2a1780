"""Whether a deal may go to a stage: the way there, who asks, rules, demanded fields, approval.

Everything that stands against it is said at once, each with the place in what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.people import Directory
from engine.pipelines import DealView, Gate, PipelinePlan, StagePlan, Way
from engine.pipelines.fields import asked_as, field_words, is_filled
from engine.rules import Catalogue, Facts
from engine.rules.types import Language
from engine.rules.wording.because import because
from engine.steps.people import MANAGER, OWNER, addressee

TO: Final = "/to"


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves the deal. None: a flow, a clock or an import, which no list of people keeps out."""

    user_id: int | None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A deal, where it is to go, and what is known. `facts` are as they will be when the fields of
    the move are written; `approved`: the chain has said yes already; `language`: of whoever reads
    what stands against it."""

    deal: DealView
    to: str
    facts: Facts
    mover: Mover
    now: datetime
    zone: str
    by_itself: bool = False
    approved: bool = False
    language: Language = "en"

    def say(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en


@dataclass(frozen=True, slots=True)
class Judged:
    """No problems: it may go by `way`, None where the pipeline allows every move. `chain` must
    approve it first."""

    problems: tuple[Problem, ...] = ()
    way: Way | None = None
    chain: str | None = None


def judge(plan: PipelinePlan, wish: Wish, directory: Directory, catalogue: Catalogue) -> Judged:
    """What stands against the move, and whether it waits for an approval."""
    stage = plan.stages.get(wish.to)
    if stage is None:
        words = f"there is no stage {shown(wish.to)}; {did_you_mean(wish.to, plan.stages)}"
        return Judged((Problem(TO, "unknown_stage", words),))
    ways = _ways(plan, wish)
    if plan.ways and not ways:
        return Judged((_no_way(plan, wish),))
    way = next((one for one in ways if may_go(one.model.who, wish, directory)), None)
    if ways and way is None:
        return Judged((_not_theirs(ways, stage, wish),))
    problems = [*_gate_problems(stage.gate, stage, wish, catalogue)]
    if way is not None:
        seen = {problem.place for problem in problems if problem.code == "missing"}
        more = _gate_problems(way.gate, stage, wish, catalogue)
        problems += [one for one in more if one.place not in seen]
    chain = way.model.approval if way is not None and not wish.approved else None
    return Judged(tuple(problems), way, chain)


def enter_problems(stage: StagePlan, wish: Wish, catalogue: Catalogue) -> tuple[Problem, ...]:
    """What the stage itself asks, for a deal that begins there."""
    return tuple(_gate_problems(stage.gate, stage, wish, catalogue))


def may_begin(plan: PipelinePlan, to: str, may_pass: Callable[[Way], bool]) -> bool:
    """Whether a deal may be made on this stage: the first open one, or an open one that ways which
    `may_pass` and nobody has to approve lead to from there. A deal is closed by a move."""
    first = plan.first.model.key
    if not plan.ways or to == first:
        return True
    if to not in plan.stages or not plan.stages[to].model.is_open:
        return False
    reached, ahead = {first}, [first]
    while ahead:
        for way in plan.ways_from(ahead.pop()):
            free = not way.is_automatic and way.model.approval is None and may_pass(way)
            if free and way.to not in reached:
                reached.add(way.to)
                ahead.append(way.to)
    return to in reached


def may_go(who: Iterable[str], wish: Wish, directory: Directory) -> bool:
    """Whether the mover is one of these people. Who stands in for an absent owner or manager is."""
    people, user_id = tuple(who), wish.mover.user_id
    if not people or user_id is None:
        return True
    return any(user_id in _meant(text, wish, directory) for text in people) or any(
        addressee(text).kind == "role" and addressee(text).value == wish.mover.role
        for text in people
    )


def _meant(text: str, wish: Wish, directory: Directory) -> Iterator[int]:
    meant, owner = addressee(text), wish.deal.owner_id
    if meant.kind == "team":
        yield from directory.members(meant.value)
        return
    if meant.kind == "user":
        person = directory.by_email(meant.value)
    elif meant.kind == OWNER:
        person = owner
    elif meant.kind == MANAGER:
        person = directory.manager_of(owner) if owner is not None else None
    else:
        return
    if person is not None:
        yield person
        stand_in = directory.stands_in(person, wish.now)
        if stand_in is not None:
            yield stand_in


def _ways(plan: PipelinePlan, wish: Wish) -> list[Way]:
    """What people do and what happens by itself are ways of their own; a flow and an approved
    request go the ways of people."""
    return [
        way
        for way in plan.ways_from(wish.deal.stage)
        if way.to == wish.to and way.is_automatic == wish.by_itself
    ]


def _no_way(plan: PipelinePlan, wish: Wish) -> Problem:
    ways = plan.ways_from(wish.deal.stage)
    ahead = list(dict.fromkeys(way.to for way in ways if not way.is_automatic))
    here, to = _title(plan, wish.deal.stage, wish), _title(plan, wish.to, wish)
    there = wish.say(", ", "、").join(_title(plan, key, wish) for key in ahead)
    rest = wish.say("nobody moves them from there.", "由此无法手动移动。")
    if ahead:
        rest = wish.say(f"from there they go to {there}.", f"由此可移至：{there}。")
    words = wish.say(
        f"Deals on {here} cannot go to {to}; {rest}", f"“{here}”的商机不能移至“{to}”；{rest}"
    )
    return Problem(TO, "no_transition", words)


def _not_theirs(ways: list[Way], stage: StagePlan, wish: Wish) -> Problem:
    people = list(
        dict.fromkeys(_person_words(text, wish) for way in ways for text in way.model.who)
    )
    title = _called(stage, wish)
    words = wish.say(
        f"Only {' or '.join(people)} may move this deal to {title}.",
        f"只有{'或'.join(people)}可将此商机移至“{title}”。",
    )
    return Problem("", "not_theirs", words)


def _person_words(text: str, wish: Wish) -> str:
    meant = addressee(text)
    match meant.kind:
        case "owner":
            return wish.say("its owner", "其负责人")
        case "manager":
            return wish.say("the owner's manager", "负责人的上级")
        case "role":
            name = meant.value.replace("_", " ")
            return wish.say(f"a {name}", f"角色为 {name} 的人")
        case "team":
            return wish.say(f"the team {meant.value}", f"团队“{meant.value}”")
        case _:
            return meant.value


def _gate_problems(
    gate: Gate, stage: StagePlan, wish: Wish, catalogue: Catalogue
) -> Iterator[Problem]:
    title = _called(stage, wish)
    for name in gate.needs:
        if not is_filled(name, wish.deal, wish.facts):
            field = field_words(name, catalogue)
            words = wish.say(
                f"{title} needs {field.en}; fill it in.", f"“{title}”要求填写{field.zh}。"
            )
            yield Problem(asked_as(name), "missing", words)
    if gate.broken:
        words = wish.say(
            f"the rule of {title} asks for a field that is gone; publish the pipeline anew.",
            f"“{title}”的规则引用了已不存在的字段；请重新发布该管道。",
        )
        yield Problem(TO, "rule_broken", words)
    elif gate.rule is not None and not gate.rule.holds(wish.facts, wish.now, wish.zone):
        explained = gate.rule.explain(wish.facts, wish.now, wish.zone)
        why = because(explained, wish.language, catalogue, wish.zone)
        words = wish.say(
            f"The deal does not fit {title} {why}.", f"此商机不符合“{title}”的条件：{why}。"
        )
        yield Problem(TO, "rule", words)


def _called(stage: StagePlan, wish: Wish) -> str:
    return wish.say(stage.model.title, stage.model.label_zh or stage.model.title)


def _title(plan: PipelinePlan, key: str, wish: Wish) -> str:
    stage = plan.stages.get(key)
    return _called(stage, wish) if stage else shown(key)
