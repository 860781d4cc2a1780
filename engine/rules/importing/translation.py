"""One walk over a foreign document. What it gives remembers for every part where it came from, so
that the checker's problems point into the document as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from engine.local_time import SpanRefused
from engine.rules.check import Placed
from engine.rules.fact import Fact, RecordKind
from engine.rules.facts import LIST_KINDS, RECORD_LABELS, Catalogue
from engine.rules.importing import written_values
from engine.rules.importing.relative_days import When
from engine.rules.limits import MAX_EXPANDED_NODES
from engine.rules.problems import Code, RuleProblem, shown, step_into
from engine.rules.types import Type

# No operator has this name: the checker passes over it, and over all that is made of it.
FAILED = "\ufffduntranslated"


@dataclass(frozen=True, slots=True)
class Use:
    """One operator in the foreign document, with the place of each of its arguments."""

    name: str
    arguments: tuple[object, ...]
    pointer: str
    places: tuple[str, ...]

    def place(self, index: int) -> str:
        return self.places[index]


Word = Callable[["Translation", Use], object]


def no_moments(_: object) -> When | None:
    return None


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a tool can say, and why some of it cannot be imported.

    `moments` reads what it writes for days relative to now. `builder` says that it writes numbers
    as texts and times without an offset, because people typed them into fields.
    """

    words: Mapping[str, Word]
    refused: Mapping[str, str] = field(default_factory=dict)
    moments: Callable[[object], When | None] = no_moments
    builder: bool = False


# A part of the document, where it stands, in which list, and whether it is compared with a date.
_Part = tuple[int, str, RecordKind | None, bool]


@dataclass(slots=True)
class Translation:
    tongue: Tongue
    catalogue: Catalogue
    zone: str
    # The kind of record in whose list the words stand, if any.
    item: RecordKind | None = None
    problems: list[RuleProblem] = field(default_factory=list)
    # What was translated once is not translated again, however often a word needs it: in ranges of
    # ranges that would double with every level. Kept with its document, so that ids stay taken.
    _made: dict[_Part, tuple[object, object]] = field(default_factory=dict)

    def node(self, document: object, pointer: str, beside: Fact | None = None) -> object:
        """The counterpart of a part of the document; the fact it is compared with, if any, says how
        a written-out value was meant.
        """
        if (when := self.tongue.moments(document)) is not None:
            return self.written(when.as_day() if _is_date(beside) else when, pointer)
        match document:
            case dict() if len(document) == 1:
                return self._once(document, pointer, beside)
            case dict():
                message = f"An object holds exactly one operator, this one holds {len(document)}."
                return self.failed(pointer, "not_a_rule", message)
            case str() if beside is not None and self.tongue.builder:
                return Placed(self._meant(document, beside), pointer)
            case _:
                return Placed(document, pointer)

    def _once(self, document: dict[object, object], pointer: str, beside: Fact | None) -> object:
        part = id(document), pointer, self.item, _is_date(beside)
        if part in self._made:
            return self._made[part][1]
        if len(self._made) >= MAX_EXPANDED_NODES:
            message = "The rule grows too large when it is translated; split it up."
            return self.failed(pointer, "too_large", message)
        ((name, arguments),) = document.items()
        made = self._word(str(name), arguments, pointer)
        self._made[part] = document, made
        return made

    def _word(self, name: str, arguments: object, pointer: str) -> object:
        inside = step_into(pointer, name)
        given = tuple(arguments) if isinstance(arguments, list) else (arguments,)
        places: tuple[str, ...] = (inside,)
        if isinstance(arguments, list):
            places = tuple(step_into(inside, at) for at in range(len(given)))
        word = self.tongue.words.get(name)
        if word is not None:
            return word(self, Use(name, given, pointer, places))
        known = self.tongue.refused.get(name, "a rule has no counterpart of it")
        message = f"{shown(name)} cannot be imported: {known}."
        return self.failed(step_into(pointer, name[:100]), "unknown_operator", message)

    def _meant(self, text: str, beside: Fact) -> object:
        match beside.type:
            case Type.NUMBER:
                return written_values.number(text)
            case Type.DATE | Type.DATETIME:
                return written_values.moment(text, beside, self.zone)
            case _:
                return text

    def written(self, when: When, pointer: str) -> object:
        """A moment in the words of a rule."""
        try:
            return Placed(when.written(), pointer)
        except SpanRefused:
            return self.failed(
                pointer, "bad_span", "A rule cannot reach this moment; move it less."
            )

    def failed(self, pointer: str, code: Code, message: str) -> Placed:
        """Note a problem; what is given in place of a counterpart is passed over by the checker."""
        self.problems.append(RuleProblem(pointer, code, message))
        return Placed({FAILED: []}, pointer)

    def arguments(self, use: Use) -> list[object]:
        return [self.node(given, use.place(at)) for at, given in enumerate(use.arguments)]

    def inside(self, items: str) -> Translation:
        """The same walk among the items of a list; problems are noted in the same place."""
        return replace(self, item=LIST_KINDS[items])

    def path(self, name: str) -> str:
        """The full path of a fact, which may be named without "contact." before it."""
        known = self.item or name.partition(".")[0] in RECORD_LABELS or name in LIST_KINDS
        whole = name.removesuffix(".minor").removesuffix(".currency")
        if not known and self.catalogue.fact("contact", whole) is not None:
            return f"contact.{name}"
        return name

    def fact(self, document: object) -> Fact | None:
        """The fact that a part of the foreign document names, if it names one."""
        name = named(document)
        if name is None:
            return None
        if self.item:
            return self.catalogue.fact(self.item, name)
        head, _, rest = self.path(name).partition(".")
        if head not in RECORD_LABELS or not rest:
            return None
        kind: RecordKind = head  # type: ignore[assignment]  # a key of RECORD_LABELS
        return self.catalogue.fact(kind, rest)

    def list_named(self, document: object) -> str | None:
        """The list of records that a part of the foreign document names, if it names one."""
        name = named(document)
        return name if name in LIST_KINDS and not self.item else None


def operation(document: object) -> tuple[str, list[object]]:
    """The one operator of a part of the document and its arguments; nothing when it has none."""
    if not isinstance(document, dict) or len(document) != 1:
        return "", []
    ((name, arguments),) = document.items()
    return str(name), arguments if isinstance(arguments, list) else [arguments]


def named(document: object) -> str | None:
    """The name in `{"var": name}`."""
    match operation(document):
        case "var", [str(name)]:
            return name
        case _:
            return None


def _is_date(fact: Fact | None) -> bool:
    return fact is not None and fact.type is Type.DATE
