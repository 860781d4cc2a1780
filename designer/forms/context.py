"""What every field of a form is handed."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from designer.i18n import Translator
from designer.runtime import Designer
from designer.visitor import Visitor
from engine.rules import Catalogue, Subject

# By the path of what is wrong below the form, such as "cases/0/when"; "" is the whole.
Problems = Mapping[str, Sequence[str]]
Change = Callable[[Any], Awaitable[None] | None]
ShowProblems = Callable[[Problems], None]

# Given to a field's `change`, it takes the key away.
NOTHING: Final = object()


class InnerForm(Protocol):
    def show_problems(self, problems: Problems) -> None: ...


# (schema, value, change, path) -> a form for a part of a field
DrawInner = Callable[[Mapping[str, Any], Any, Change, str], InnerForm]


def no_event(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class FormContext:
    """`choices` are (value, label) by widget: what pickers offer. `reads_event` tells by path
    whether the rule there may read the event that woke the run."""

    designer: Designer
    visitor: Visitor
    catalogue: Catalogue
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    reads_event: Callable[[str], bool] = no_event
    subject: Subject = "contact"
    may_edit: bool = True

    @property
    def t(self) -> Translator:
        return self.visitor.t


@dataclass(frozen=True, slots=True)
class Place:
    """One field to draw. `change` takes the new value, or NOTHING; `path` is below the form."""

    context: FormContext
    path: str
    title: str
    prop: Mapping[str, Any]
    definitions: Mapping[str, Any]
    value: Any
    change: Change
    required: bool
    inner: DrawInner

    @property
    def t(self) -> Translator:
        return self.context.t

    @property
    def widget(self) -> str:
        return str(self.prop.get("widget", ""))

    async def changed(self, value: Any) -> None:
        await told(self.change, value)


async def told(listener: Change | None, value: Any) -> None:
    if listener is None:
        return
    done = listener(value)
    if inspect.isawaitable(done):
        await done


def in_language(prop: Mapping[str, Any], key: str, t: Translator) -> str:
    """A schema's `title` or `description` in the reader's language."""
    chinese = prop.get(f"{key}_zh") if t.short == "zh" else None
    return str(chinese or prop.get(key) or "")


def below(problems: Problems, key: str) -> dict[str, list[str]]:
    """Those of one part, by their path below it."""
    found: dict[str, list[str]] = {}
    for path, messages in problems.items():
        if path == key or path.startswith(f"{key}/"):
            found[path[len(key) + 1 :]] = list(messages)
    return found
