"""From an assignment's document to its model; every mistake of form is told with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from engine.assignment.model import (
    HEAD,
    Assignment,
    AssignmentRule,
    By,
    IfNobody,
    Otherwise,
    Target,
    To,
    Wanted,
)
from engine.errors import Problem
from engine.flows.problems import did_you_mean, shown
from engine.people import ROLES
from engine.rules.text_folding import fold

Choice = TypeVar("Choice", bound=StrEnum)

MOST_RULES: Final = 500
MOST_USERS: Final = 1000
MOST_A_DAY: Final = 100_000
MOST_WEIGHT: Final = 1000
_TOP: Final = ("label_zh", "of", "rules", "table", "defaults", "otherwise")
_HOW: Final = (
    *("to", "by", "weights", "capacity_per_day", "only_present", "keep_owner", "if_nobody"),
)
_RULE: Final = ("name", "when", *_HOW)
_TO: Final = ("team", "role", "users", "territory", "skill")


def read_assignment(document: Mapping[str, Any], problems: list[Problem]) -> Assignment | None:
    """The model; None when something was added to `problems`."""
    reader = _Reader(problems)
    before = len(problems)
    found = reader.assignment(document)
    return found if len(problems) == before else None


class _Reader:
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def refuse(self, place: str, code: str, message: str) -> None:
        self.problems.append(Problem(place, code, message))

    def assignment(self, given: Mapping[str, Any]) -> Assignment:
        self._known_keys(given, _TOP, "")
        table = self._line(given, "table", "")
        rules = self._rules(given) if "rules" in given or table is None else ()
        if table is not None and "rules" in given:
            words = 'takes the place of "rules"; write one of the two.'
            self.refuse("/table", "several_ways", f'"table": {words}')
        defaults = None
        if "defaults" in given:
            how = self._mapping(given["defaults"], "/defaults")
            self._known_keys(how, _HOW, "/defaults")
            defaults = self._target(how, "/defaults", needs_somebody=False)
            if table is None:
                words = 'belongs to "table"; rules say everything themselves.'
                self.refuse("/defaults", "several_ways", f'"defaults": {words}')
        subject = given.get("of", "contact")
        if subject not in ("contact", "deal", "ticket"):
            words = did_you_mean(str(subject), ("contact", "deal", "ticket"))
            self.refuse("/of", "bad_choice", f'"of": {shown(subject)} is no record; {words}')
            subject = "contact"
        return Assignment(subject, rules, table, defaults, self._otherwise(given))

    def _rules(self, given: Mapping[str, Any]) -> tuple[AssignmentRule, ...]:
        said = given.get("rules")
        if not isinstance(said, list) or not said:
            words = 'say who gets what: a list of "rules", or the name of a decision "table".'
            self.refuse("/rules" if "rules" in given else "", "missing_key", words)
            return ()
        if len(said) > MOST_RULES:
            self.refuse("/rules", "too_many", f"at most {MOST_RULES} rules; use a decision table.")
            return ()
        found, names = [], set[str]()
        for at, one in enumerate(said):
            place = f"/rules/{at}"
            rule = self._mapping(one, place)
            self._known_keys(rule, _RULE, place)
            name = self._line(rule, "name", place) or f"rule_{at + 1}"
            if name in names:
                words = f"{shown(name)} is the name of a rule above; each keeps its own turns."
                self.refuse(f"{place}/name", "duplicate_name", words)
            names.add(name)
            target = self._target(rule, place, needs_somebody=True)
            found.append(AssignmentRule(name, rule.get("when"), target))
        return tuple(found)

    def _target(self, given: Mapping[str, Any], place: str, *, needs_somebody: bool) -> Target:
        to = self._to(given, place, needs_somebody=needs_somebody)
        by = self._choice(given, "by", By, By.ROUND_ROBIN, place)
        weights = self._weights(given, place)
        if weights and by is not By.WEIGHTED:
            words = '"weights" count only with "by: weighted".'
            self.refuse(f"{place}/weights", "no_effect", words)
        return Target(
            to,
            by,
            weights,
            self._whole(given, "capacity_per_day", MOST_A_DAY, place),
            self._switch(given, "only_present", place, usual=True),
            self._switch(given, "keep_owner", place, usual=False),
            self._choice(given, "if_nobody", IfNobody, IfNobody.QUEUE, place),
        )

    def _to(self, given: Mapping[str, Any], place: str, *, needs_somebody: bool) -> To:
        where = f"{place}/to"
        if "to" not in given:
            if needs_somebody:
                words = "a rule says to whom, such as `to: {team: inbound}`."
                self.refuse(place, "missing_key", words)
            return To()
        said = self._mapping(given["to"], where)
        self._known_keys(said, _TO, where)
        if needs_somebody and isinstance(given["to"], dict) and not said:
            self.refuse(where, "missing_key", f"name somebody by one of {', '.join(_TO)}.")
        return To(
            self._line(said, "team", where),
            self._users(said, where),
            self._wanted(said, "territory", where),
            self._wanted(said, "skill", where),
            self._role(said, where),
        )

    def _role(self, given: Mapping[str, Any], place: str) -> str | None:
        said = given.get("role")
        if said is None or said in ROLES:
            return said
        words = f"there is no role {shown(said)}; {did_you_mean(str(said), ROLES)}"
        self.refuse(f"{place}/role", "unknown_role", words)
        return None

    def _users(self, given: Mapping[str, Any], place: str) -> tuple[str, ...]:
        said = given.get("users", [])
        if isinstance(said, str):
            said = [said]
        if not isinstance(said, list) or len(said) > MOST_USERS:
            self.refuse(f"{place}/users", "wrong_type", "a list of e-mail addresses.")
            return ()
        if "users" in given and not said:
            self.refuse(f"{place}/users", "missing_key", "name at least one person.")
        found: dict[str, None] = {}
        for at, one in enumerate(said):
            if not is_address(one):
                words = f"{shown(one)} is no e-mail address of a user."
                self.refuse(f"{place}/users/{at}", "unknown_person", words)
            else:
                found[fold(one)] = None
        return tuple(found)

    def _wanted(self, given: Mapping[str, Any], key: str, place: str) -> Wanted | None:
        said = given.get(key)
        if said is None:
            return None
        if isinstance(said, str) and said.strip():
            return Wanted(name=fold(said))
        if isinstance(said, dict) and set(said) == {"fact"} and isinstance(said["fact"], str):
            return Wanted(fact=said["fact"])
        words = f"a {key} is a name, or read from the record: {{fact: contact.country}}."
        self.refuse(f"{place}/{key}", "wrong_type", words)
        return None

    def _weights(self, given: Mapping[str, Any], place: str) -> dict[str, int]:
        where = f"{place}/weights"
        said = given.get("weights")
        if said is None:
            return {}
        found = {}
        for address, weight in self._mapping(said, where).items():
            if not is_address(address):
                self.refuse(where, "unknown_person", f"{shown(address)} is no e-mail address.")
            elif not _is_whole(weight) or not 1 <= weight <= MOST_WEIGHT:
                words = f"a weight is a whole number from 1 to {MOST_WEIGHT}, not {shown(weight)}."
                self.refuse(f"{where}/{_escaped(address)}", "bad_weight", words)
            else:
                found[fold(address)] = weight
        return found

    def _otherwise(self, given: Mapping[str, Any]) -> Otherwise | None:
        if "otherwise" not in given:
            return None
        said = self._mapping(given["otherwise"], "/otherwise")
        self._known_keys(said, ("tell",), "/otherwise")
        tell = said.get("tell", HEAD)
        people = [tell] if isinstance(tell, str) else tell
        if not isinstance(people, list) or not people:
            words = 'say who is told, such as "head" or "role:sales_manager".'
            self.refuse("/otherwise/tell", "wrong_type", words)
            return None
        for at, one in enumerate(people):
            if trouble := _nobody(one):
                self.refuse(f"/otherwise/tell/{at}", "unknown_person", trouble)
        return Otherwise(tuple(str(one) for one in people))

    def _mapping(self, given: Any, place: str) -> Mapping[str, Any]:
        if isinstance(given, dict):
            return given
        self.refuse(place, "wrong_type", f"a mapping of names to values, not {shown(given)}.")
        return {}

    def _known_keys(self, given: Mapping[str, Any], known: Iterable[str], place: str) -> None:
        for key in given:
            if key not in known:
                words = f"unknown key {shown(key)}; {did_you_mean(str(key), tuple(known))}"
                self.refuse(f"{place}/{_escaped(str(key))}", "unknown_key", words)

    def _line(self, given: Mapping[str, Any], key: str, place: str) -> str | None:
        said = given.get(key)
        if said is None:
            return None
        if isinstance(said, str) and said.strip() and len(said) <= 200 and said.isprintable():
            return said.strip()
        words = f'"{key}": a text of one line and at most 200 characters, not {shown(said)}.'
        self.refuse(f"{place}/{key}", "wrong_type", words)
        return None

    def _whole(self, given: Mapping[str, Any], key: str, most: int, place: str) -> int | None:
        said = given.get(key)
        if said is None or (_is_whole(said) and 1 <= said <= most):
            return said
        words = f'"{key}": a whole number from 1 to {most:,}, not {shown(said)}.'
        self.refuse(f"{place}/{key}", "bad_number", words)
        return None

    def _switch(self, given: Mapping[str, Any], key: str, place: str, *, usual: bool) -> bool:
        said = given.get(key, usual)
        if isinstance(said, bool):
            return said
        words = f'"{key}" is true or false, not {shown(said)}.'
        self.refuse(f"{place}/{key}", "wrong_type", words)
        return usual

    def _choice(
        self, given: Mapping[str, Any], key: str, of: type[Choice], usual: Choice, place: str
    ) -> Choice:
        said = given.get(key, usual)
        known = tuple(one.value for one in of)
        if said in known:
            return of(said)
        words = f'"{key}": {shown(said)} is no way; {did_you_mean(str(said), known)}'
        self.refuse(f"{place}/{key}", "bad_choice", words)
        return usual


def is_address(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 320 or not value.isprintable():
        return False
    name, at, domain = value.strip().partition("@")
    return bool(at and name and domain and "@" not in domain and " " not in value.strip())


def _nobody(value: object) -> str | None:
    """What is wrong with somebody who is to be told; None when nothing is."""
    kind, _, name = str(value).partition(":")
    if value == HEAD or is_address(value) or (kind == "team" and name.strip()):
        return None
    if kind == "role":
        known = name.strip() in ROLES
        return None if known else f"there is no role {shown(name)}; {did_you_mean(name, ROLES)}"
    return (
        f'{shown(value)} is nobody; write "head" (of the team that should have taken it), an '
        'e-mail address, "role:<role>" or "team:<name>".'
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
