"""Dealing one person's work out to others: who takes each piece, by one rule for a kind of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heapreplace
from typing import Any, Final

from engine.assignment.choosing import has
from engine.errors import Problem, Refused
from engine.flows.problems import did_you_mean, shown
from engine.people import Directory


class Handed(StrEnum):
    """Kinds of work, in the order in which they change hands: what belongs to a contact can then
    follow it."""

    CONTACT = "contact"
    DEAL = "deal"
    TICKET = "ticket"
    TASK = "task"
    APPROVAL = "approval"
    CASE = "case"


class Way(StrEnum):
    """`one`: to a single person; `evenly`: in turn; `load`: to whoever has least open work;
    `territory`: to whoever covers the contact's country, evenly among several and among all where
    nobody does; `with_contact`: to whoever took the contact, else evenly."""

    ONE = "one"
    EVENLY = "evenly"
    LOAD = "load"
    TERRITORY = "territory"
    WITH_CONTACT = "with_contact"


# Work that belongs to no contact has no country and follows nobody.
_WITHOUT_CONTACT: Final = (Handed.APPROVAL, Handed.CASE)
MOST_TAKERS: Final = 500
_Rank = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """Who takes one kind of work, by id in ascending order, and how it is dealt out."""

    way: Way
    takers: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        return {"way": self.way.value, "takers": list(self.takers)}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Share:
        return Share(Way(document["way"]), tuple(document["takers"]))


@dataclass(frozen=True, slots=True)
class Piece:
    """One record that changes hands. `country` is its contact's; `label` is for people."""

    id: int
    contact_id: int | None = None
    country: str | None = None
    label: str = ""


@dataclass(slots=True)
class Dealer:
    """Deals out one kind of work, piece by piece. `given` counts what each taker has of it, `load`
    is their open work, and `contacts` says who took which contact. Counts only ever grow."""

    share: Share
    people: Directory
    given: dict[int, int] = field(default_factory=dict)
    load: dict[int, int] = field(default_factory=dict)
    contacts: Mapping[int, int] = field(default_factory=dict)
    # Takers by what they had when they were last looked at, for each group that was dealt to.
    _heaps: dict[tuple[int, ...], list[_Rank]] = field(default_factory=dict)
    _covering: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def taker_of(self, piece: Piece) -> int:
        chosen = self._choose(piece)
        self.given[chosen] = self.given.get(chosen, 0) + 1
        self.load[chosen] = self.load.get(chosen, 0) + 1
        return chosen

    def _choose(self, piece: Piece) -> int:
        takers = self.share.takers
        match self.share.way:
            case Way.ONE:
                return takers[0]
            case Way.WITH_CONTACT if of := self.contacts.get(piece.contact_id or 0):
                return of
            case Way.TERRITORY if piece.country:
                return self._fewest(self._covers(piece.country) or takers)
        return self._fewest(takers)

    def _fewest(self, takers: tuple[int, ...]) -> int:
        heap = self._heaps.get(takers)
        if heap is None:
            heap = self._heaps[takers] = [self._rank(one) for one in takers]
            heapify(heap)
        while (now := self._rank(heap[0][-1])) != heap[0]:
            heapreplace(heap, now)
        return heap[0][-1]

    def _rank(self, taker: int) -> _Rank:
        load = self.load.get(taker, 0) if self.share.way is Way.LOAD else 0
        return load, self.given.get(taker, 0), taker

    def _covers(self, country: str) -> tuple[int, ...]:
        found = self._covering.get(country)
        if found is None:
            people = self.people.people
            found = tuple(one for one in self.share.takers if has(people[one].territories, country))
            self._covering[country] = found
        return found


def read_shares(given: Any, from_id: int, people: Directory) -> dict[Handed, Share]:
    """What is handed over and how, from `{"contact": {"way": "evenly", "to": ["team:Sales", ...]}}`
    in the order of kinds. "to" holds e-mail addresses and teams; the one whose work it is takes
    nothing. Raises Refused with every mistake.
    """
    problems: list[Problem] = []
    found: dict[Handed, Share] = {}
    if not isinstance(given, Mapping) or not given:
        words = 'say what is handed over, such as {"contact": {"to": ["cleo@example.com"]}}.'
        raise Refused("Nothing was handed over.", [Problem("/shares", "missing_key", words)])
    known = tuple(kind.value for kind in Handed)
    for key in given:
        if key not in known:
            words = f"{shown(key)} is no work that can be handed over; {did_you_mean(key, known)}"
            problems.append(Problem(f"/shares/{key}", "unknown_key", words))
    for kind in Handed:
        if kind.value in given:
            share = _share(given[kind.value], kind, from_id, people, problems)
            if share is not None:
                found[kind] = share
    if problems:
        raise Refused("Nothing was handed over: the plan has mistakes.", problems)
    return found


def _share(
    given: Any, kind: Handed, from_id: int, people: Directory, problems: list[Problem]
) -> Share | None:
    place = f"/shares/{kind.value}"
    if not isinstance(given, Mapping):
        problems.append(Problem(place, "wrong_type", f"a mapping, not {shown(given)}."))
        return None
    before = len(problems)
    for key in given.keys() - {"way", "to"}:
        words = f"unknown key {shown(key)}; {did_you_mean(str(key), ('way', 'to'))}"
        problems.append(Problem(f"{place}/{key}", "unknown_key", words))
    takers = _takers(given.get("to"), f"{place}/to", people, problems) - {from_id}
    if not takers and len(problems) == before:
        words = "name somebody else who works here: addresses, or a team."
        problems.append(Problem(f"{place}/to", "nobody_takes", words))
    way = _way(given.get("way"), kind, len(takers), f"{place}/way", problems)
    return Share(way, tuple(sorted(takers))) if len(problems) == before else None


def _takers(given: Any, place: str, people: Directory, problems: list[Problem]) -> set[int]:
    said: Sequence[Any] = [given] if isinstance(given, str) else given
    if not isinstance(said, list) or not said or len(said) > MOST_TAKERS:
        words = f'who takes it: addresses and "team:<name>", 1 to {MOST_TAKERS} of them.'
        problems.append(Problem(place, "missing_key", words))
        return set()
    found: set[int] = set()
    for at, one in enumerate(said):
        kind, _, name = str(one).partition(":")
        if kind == "team":
            members = people.members(name.strip())
            if not members:
                words = f"nobody who works here is in the team {shown(name)}."
                problems.append(Problem(f"{place}/{at}", "unknown_team", words))
            found |= set(members)
            continue
        person = people.by_email(str(one))
        if person is None or not people.is_active(person):
            words = f"nobody who works here has the address {shown(one)}."
            problems.append(Problem(f"{place}/{at}", "unknown_person", words))
        else:
            found.add(person)
    return found


def _way(given: Any, kind: Handed, takers: int, place: str, problems: list[Problem]) -> Way:
    known = tuple(way.value for way in Way)
    if given is None:
        return Way.ONE if takers == 1 else Way.EVENLY
    if given not in known:
        words = f"{shown(given)} is no way; {did_you_mean(str(given), known)}"
        problems.append(Problem(place, "bad_choice", words))
        return Way.EVENLY
    way = Way(given)
    if way is Way.ONE and takers > 1:
        words = f'"one" is for a single person and {takers} are named; write "evenly".'
        problems.append(Problem(place, "bad_choice", words))
    contactless = kind in _WITHOUT_CONTACT or kind is Handed.CONTACT
    if (way is Way.WITH_CONTACT and contactless) or (
        way is Way.TERRITORY and kind in _WITHOUT_CONTACT
    ):
        words = f'a {kind.value} cannot be dealt out by "{way.value}"; write "evenly" or "load".'
        problems.append(Problem(place, "bad_choice", words))
    return way
