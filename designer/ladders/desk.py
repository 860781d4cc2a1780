"""What all parts of a drawing share: the document, its problems, and the people it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from nicegui import ui

from designer.ladders.sheet import Path, Sheet, value_at, with_value
from designer.people.names import role_words
from designer.problem_words import problem_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import Words
from engine.definitions import DefinitionKind, World
from engine.errors import Problem
from engine.flows.problems import pointer_to
from engine.people import Directory

_SHOW_FORM: Final = (
    "if (innerWidth < 1100) document.querySelector('.lad-panel')"
    "?.scrollIntoView({behavior: 'smooth', block: 'start'})"
)


def _nothing() -> None:
    return None


@dataclass(slots=True)
class Desk:
    """`on_change` redraws the ladder after a value changed; `on_structure` also the form, for
    fields came or went. `model` is None while the document has mistakes of form."""

    designer: Designer
    visitor: Visitor
    kind: DefinitionKind
    name: str
    world: World
    sheet: Sheet
    may_edit: bool
    selected: Path = ()
    problems: Sequence[Problem] = ()
    model: Any | None = None
    on_change: Callable[[], None] = _nothing
    on_structure: Callable[[], None] = _nothing
    _places: dict[str, Words] = field(default_factory=dict)

    def get(self, path: Path, usual: Any = None) -> Any:
        return value_at(self.sheet.document, path, usual)

    def put(self, path: Path, value: Any) -> None:
        """A field was changed."""
        if self.may_edit and self.sheet.put(with_value(self.sheet.document, path, value)):
            self.on_change()

    def turn(self, document: Any) -> None:
        """Levels, bands or lines came, went or moved."""
        if self.may_edit and self.sheet.put(document):
            self.on_structure()

    def select(self, path: Path) -> None:
        # the button that was pressed is drawn anew, so the page is held from before
        client = ui.context.client
        self.selected = path
        self.on_structure()
        # where the form stands below the ladder one would look in vain for what the click did
        client.run_javascript(_SHOW_FORM)

    def forget_places(self) -> None:
        self._places.clear()

    def place(self, path: Path, line: Words) -> None:
        """Where a form shows what is wrong with the value there."""
        self._places[pointer_to(path)] = line
        line.set_text(self.wrong_at(path))

    def show_problems(self) -> None:
        for pointer, line in self._places.items():
            line.set_text(self._said(pointer))

    def wrong_at(self, path: Path) -> str:
        return self._said(pointer_to(path))

    def wrong_below(self, path: Path) -> int:
        """How many mistakes are in a part of the document."""
        here = pointer_to(path)
        return sum(one.place == here or one.place.startswith(f"{here}/") for one in self.problems)

    def _said(self, pointer: str) -> str:
        return " ".join(self.said(one) for one in self.problems if one.place == pointer)

    def said(self, problem: Problem) -> str:
        return problem_words("definition", problem.code, problem.message, self.visitor.t)

    @property
    def people(self) -> Directory:
        return self.world.directory or Directory()

    def emails(self) -> dict[str, str]:
        """Addresses of those who work here, with their names."""
        active = (one for one in self.people.people.values() if one.active and one.email)
        return {
            one.email or "": f"{one.name} ({one.email})"
            for one in sorted(active, key=lambda one: one.name.casefold())
        }

    def teams(self) -> dict[str, str]:
        return {name: name for name in sorted(self.people.teams)}

    def roles(self) -> dict[str, str]:
        return role_words(self.visitor.t)

    def calendars(self) -> dict[str, str]:
        """By name; the default one is the empty name."""
        t = self.visitor.t
        names = sorted(name for name in self.world.calendars or () if name)
        return {"": t("The default calendar"), **{name: name for name in names}}

    def name_of(self, email: str) -> str:
        found = self.people.by_email(email)
        return self.people.people[found].name if found is not None else email
