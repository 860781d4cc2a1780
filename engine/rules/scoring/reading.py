"""Reading a model as people write it, with every mistake of form at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.rules.problems import shown, step_into
from engine.rules.scoring.model import Band, Decay, DecayKind, PointRule, ScoringModel
from engine.rules.scoring.problems import Code, ModelProblem, ModelRefused

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
MAX_RULES: Final = 200
MAX_BANDS: Final = 20
# Points add up exactly far beyond this; larger ones are slips of the keyboard.
MOST_POINTS: Final = 1_000_000
MOST_DAYS: Final = 3_650
_MODEL_KEYS: Final = ("score", "label", "floor", "cap", "bands", "rules")
_RULE_KEYS: Final = (
    *("key", "label", "points", "when", "event", "where", "within_days", "cap", "decay"),
)


def from_document(document: object) -> ScoringModel:
    """Raises ModelRefused; whether the rules in it fit the facts is checked by `compile_model`."""
    return _Reader().model(document)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[ModelProblem] = []

    def model(self, document: object) -> ScoringModel:
        given = self._mapping(document, "", _MODEL_KEYS)
        model = ScoringModel(
            name=self._name(given, "score", ""),
            label=self._label(given, "score", ""),
            rules=tuple(self._rules(given)),
            floor=self._whole(given, "floor", "", 0),
            cap=self._whole(given, "cap", "", None),
            bands=tuple(self._bands(given)),
        )
        if model.floor is not None and model.cap is not None and model.floor >= model.cap:
            self._refuse("/cap", Code.BAD_VALUE, "The cap lies above the floor.")
        if self.problems:
            raise ModelRefused(self.problems)
        return model

    def _refuse(self, pointer: str, code: Code, message: str) -> None:
        self.problems.append(ModelProblem(pointer, code, message))

    def _mapping(self, value: object, pointer: str, known: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self._refuse(pointer, Code.WRONG_TYPE, f"This is an object, not {shown(value)}.")
            return {}
        for key in value:
            if key not in known:
                message = f"There is no {shown(key)} here; possible are {', '.join(known)}."
                self._refuse(step_into(pointer, str(key)[:60]), Code.UNKNOWN_KEY, message)
        return value

    def _list(self, given: Mapping[str, Any], key: str, most: int) -> list[Any]:
        value = given.get(key) or []
        if isinstance(value, list) and len(value) <= most:
            return value
        self._refuse(f"/{key}", Code.WRONG_TYPE, f"This is a list of at most {most} entries.")
        return []

    def _name(self, given: Mapping[str, Any], key: str, pointer: str) -> str:
        value = given.get(key)
        if isinstance(value, str) and NAME.fullmatch(value):
            return value
        message = "A name is lower-case letters, digits and _, with a letter first."
        self._refuse(step_into(pointer, key), Code.BAD_NAME, message)
        return key

    def _label(self, given: Mapping[str, Any], otherwise: str, pointer: str) -> str:
        value = given.get("label") or given.get(otherwise) or ""
        if isinstance(value, str) and len(value) <= 200:
            return value
        self._refuse(
            step_into(pointer, "label"), Code.BAD_VALUE, "A label is a text of 200 letters."
        )
        return ""

    def _whole(
        self, given: Mapping[str, Any], key: str, pointer: str, otherwise: int | None
    ) -> int | None:
        value = given.get(key, otherwise)
        if value is None or (
            isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_POINTS
        ):
            return value
        message = f"This is a whole number of at most {MOST_POINTS:,}, not {shown(value)}."
        self._refuse(step_into(pointer, key), Code.BAD_VALUE, message)
        return otherwise

    def _points(self, given: Mapping[str, Any], key: str, pointer: str) -> float | None:
        value = given.get(key)
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) <= MOST_POINTS
        ):
            return value
        message = f"Points are a number of at most {MOST_POINTS:,}, not {shown(value)}."
        self._refuse(step_into(pointer, key), Code.BAD_VALUE, message)
        return None

    def _days(self, value: object, pointer: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_DAYS:
            return value
        message = f"This is a whole number of days from 1 to {MOST_DAYS:,}, not {shown(value)}."
        self._refuse(pointer, Code.BAD_VALUE, message)
        return 1

    def _bands(self, given: Mapping[str, Any]) -> Iterator[Band]:
        last: int | None = None
        for at, one in enumerate(self._list(given, "bands", MAX_BANDS)):
            pointer = f"/bands/{at}"
            entry = self._mapping(one, pointer, ("name", "label", "from"))
            start = self._whole(entry, "from", pointer, None)
            if start is None or (last is not None and start <= last):
                message = 'Bands have a rising "from".'
                self._refuse(step_into(pointer, "from"), Code.BAD_VALUE, message)
                continue
            last = start
            yield Band(
                self._name(entry, "name", pointer), self._label(entry, "name", pointer), start
            )

    def _rules(self, given: Mapping[str, Any]) -> Iterator[PointRule]:
        keys: set[str] = set()
        entries = self._list(given, "rules", MAX_RULES)
        if not entries:
            self._refuse("/rules", Code.MISSING_KEY, "A model needs at least one rule.")
        for at, one in enumerate(entries):
            pointer = f"/rules/{at}"
            rule = self._rule(self._mapping(one, pointer, _RULE_KEYS), pointer)
            if rule.key in keys:
                message = f'There are two rules "{rule.key}"; rename one.'
                self._refuse(step_into(pointer, "key"), Code.REPEATED, message)
            keys.add(rule.key)
            yield rule

    def _rule(self, given: Mapping[str, Any], pointer: str) -> PointRule:
        event = given.get("event")
        if (event is None) == (given.get("when") is None):
            message = 'A rule has either "when", a rule, or "event", the name of an event.'
            self._refuse(pointer, Code.MISSING_KEY, message)
        if event is not None and not (isinstance(event, str) and 0 < len(event) <= 200):
            self._refuse(
                step_into(pointer, "event"), Code.BAD_VALUE, "An event is named by a text."
            )
            event = None
        for key in ("where", "within_days", "cap") if event is None else ():
            if given.get(key) is not None:
                message = f'"{key}" belongs to rules about an event.'
                self._refuse(step_into(pointer, key), Code.UNKNOWN_KEY, message)
        within = given.get("within_days")
        cap = None if given.get("cap") is None else self._points(given, "cap", pointer)
        return PointRule(
            key=self._name(given, "key", pointer),
            label=self._label(given, "key", pointer),
            points=self._points(given, "points", pointer) or 0,
            when=given.get("when"),
            event=event,
            where=given.get("where"),
            within_days=(
                None if within is None else self._days(within, step_into(pointer, "within_days"))
            ),
            cap=None if cap is None else abs(cap),
            decay=self._decay(given, pointer),
        )

    def _decay(self, given: Mapping[str, Any], pointer: str) -> Decay | None:
        value = given.get("decay")
        if value is None:
            return None
        place = step_into(pointer, "decay")
        entry = self._mapping(value, place, (*DecayKind, "since"))
        kinds = [kind for kind in DecayKind if kind.value in entry]
        since = entry.get("since")
        if len(kinds) != 1:
            self._refuse(place, Code.MISSING_KEY, "Give either half_life or linear, in days.")
            return None
        if since is not None and not isinstance(since, str):
            self._refuse(step_into(place, "since"), Code.WRONG_TYPE, "This is the name of a fact.")
        if given.get("event") is not None and since is not None:
            message = "The points of events age from the event; leave this out."
            self._refuse(step_into(place, "since"), Code.UNKNOWN_KEY, message)
        if given.get("event") is None and since is None:
            message = (
                "Name the date or time that the points age from, such as contact.last_seen_at."
            )
            self._refuse(step_into(place, "since"), Code.MISSING_KEY, message)
        days = self._days(entry[kinds[0].value], step_into(place, kinds[0].value))
        return Decay(kinds[0], days, since if isinstance(since, str) else None)
