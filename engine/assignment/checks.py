"""What is wrong with an assignment that can be read, as people, facts and teams are now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.assignment.choosing import has, named_by
from engine.assignment.model import HEAD, Assignment, AssignmentRule, IfNobody, Target, To
from engine.assignment.routing import parsed_rules
from engine.definitions import World
from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.people import Directory
from engine.rules import Rule, Type
from engine.rules.analysis import Finding, Kind, check_cases

_Parsed = tuple[AssignmentRule, Rule]
_DEAD = (Kind.IMPOSSIBLE, Kind.SHADOWED)


def check_assignment(model: Assignment, world: World) -> list[Problem]:
    """Rules that nobody reaches, people and teams that are not there, facts that say no place."""
    problems: list[Problem] = []
    parsed = parsed_rules(model, world.catalogue, problems)
    if not problems and parsed:
        problems += _dead(parsed)
    for at, rule in enumerate(model.rules):
        problems += _target(rule.target, f"/rules/{at}", model, world)
    if model.defaults is not None:
        problems += _target(model.defaults, "/defaults", model, world)
    problems += _end(model, world)
    return problems


def overlaps(model: Assignment, world: World) -> tuple[Finding, ...]:
    """Rules that can hold of the same record, with facts that show it: the first of them wins, so
    this is worth knowing and no mistake. Places are "/<rule>", counted from 0."""
    parsed = parsed_rules(model, world.catalogue, [])
    report = check_cases([found for _, found in parsed], catalogue=world.catalogue)
    return tuple(one for one in report.of(Kind.OVERLAP) if not one.nested)


def _dead(parsed: Sequence[_Parsed]) -> Iterator[Problem]:
    """A rule that hands on what it cannot give takes nothing from those below it."""
    above: list[tuple[AssignmentRule, Rule]] = []
    for at, (rule, when) in enumerate(parsed):
        report = check_cases([*(one for _, one in above), when], overlaps=False)
        for finding in report.findings:
            if finding.pointer == f"/{len(above)}" and finding.kind in _DEAD:
                place = f"/rules/{at}" if rule.when is None else f"/rules/{at}/when"
                yield _told(rule, finding, [one for one, _ in above], place)
        if rule.target.if_nobody is IfNobody.QUEUE:
            above.append((rule, when))


def _told(
    rule: AssignmentRule, finding: Finding, above: Sequence[AssignmentRule], place: str
) -> Problem:
    if finding.kind is Kind.IMPOSSIBLE:
        words = f'"{rule.name}" can hold of no record: its conditions exclude each other.'
        return Problem(place, "never_true", words)
    names = [above[int(one[1:])].name for one in finding.others]
    who = f'"{names[0]}" above takes' if names else "the rules above take"
    words = f'"{rule.name}" is never reached: {who} every record it would take.'
    return Problem(place, "never_reached", words)


def _target(target: Target, place: str, model: Assignment, world: World) -> Iterator[Problem]:
    yield from _facts(target.to, place, model, world)
    people = world.directory
    if people is None:
        return
    found = list(_people(target, place, people))
    yield from found
    if not found and target.to.names_somebody and not _able(target, people):
        words = "nobody who works here fits all that is asked; whoever should must have the team, "
        yield Problem(f"{place}/to", "nobody_fits", words + "territory and skill together.")


def _facts(to: To, place: str, model: Assignment, world: World) -> Iterator[Problem]:
    readable = dict(world.catalogue.readable(event_rule=False, subject=model.subject))
    for key, wanted in (("territory", to.territory), ("skill", to.skill)):
        if wanted is None or wanted.fact is None:
            continue
        fact = readable.get(wanted.fact)
        if fact is None:
            words = f"there is no fact {shown(wanted.fact)} of a {model.subject} to read here; "
            words += did_you_mean(wanted.fact, tuple(readable))
            yield Problem(f"{place}/to/{key}/fact", "unknown_field", words)
        elif fact.type is not Type.TEXT:
            words = f"{shown(wanted.fact)} is a {fact.type.value}; a {key} is named by a text."
            yield Problem(f"{place}/to/{key}/fact", "wrong_type", words)


def _people(target: Target, place: str, people: Directory) -> Iterator[Problem]:
    to = target.to
    if to.team is not None:
        if to.team not in people.teams:
            words = f"there is no team {shown(to.team)}; {did_you_mean(to.team, people.teams)}"
            yield Problem(f"{place}/to/team", "unknown_team", words)
        elif not people.members(to.team):
            words = f"nobody who still works here is in the team {shown(to.team)}."
            yield Problem(f"{place}/to/team", "empty_team", words)
    for at, address in enumerate(to.users):
        if (trouble := _stranger(address, people)) is not None:
            yield Problem(f"{place}/to/users/{at}", "unknown_person", trouble)
    for address in target.weights:
        if (trouble := _stranger(address, people)) is not None:
            yield Problem(f"{place}/weights", "unknown_person", trouble)
    active = [one for one in people.people.values() if one.active]
    if to.territory and to.territory.name:
        name = to.territory.name
        if not any(has(one.territories, name) for one in active):
            words = f"nobody who works here covers the territory {shown(name)}."
            yield Problem(f"{place}/to/territory", "unknown_territory", words)
    if to.skill and to.skill.name:
        name = to.skill.name
        if not any(has(one.skills, name) for one in active):
            words = f"nobody who works here has the skill {shown(name)}."
            yield Problem(f"{place}/to/skill", "unknown_skill", words)


def _stranger(address: str, people: Directory) -> str | None:
    found = people.by_email(address)
    if found is None:
        return f"nobody here has the address {shown(address)}."
    return None if people.is_active(found) else f"{shown(address)} does not work here any more."


def _able(target: Target, people: Directory) -> bool:
    """Whether anybody fits who is named outright; facts are known only with a record."""
    to = target.to
    for user_id in named_by(target, people):
        person = people.people[user_id]
        if not person.active:
            continue
        if to.territory and to.territory.name and not has(person.territories, to.territory.name):
            continue
        if to.skill and to.skill.name and not has(person.skills, to.skill.name):
            continue
        return True
    return False


def _end(model: Assignment, world: World) -> Iterator[Problem]:
    if model.otherwise is None:
        if model.table is None and model.rules and model.rules[-1].when is None:
            return
        words = (
            "nothing is said of records that no rule takes; end with a rule without `when`, or say "
            "who is told that they wait: `otherwise: {tell: [head]}`."
        )
        yield Problem("", "nothing_at_the_end", words)
        return
    for at, one in enumerate(model.otherwise.tell):
        kind, _, name = one.partition(":")
        place = f"/otherwise/tell/{at}"
        if kind == "team" and not world.has_team(name.strip()):
            yield Problem(place, "unknown_team", f"there is no team {shown(name)}.")
        elif one != HEAD and kind not in ("role", "team") and not world.has_person(one):
            yield Problem(place, "unknown_person", f"nobody who works here is {shown(one)}.")
