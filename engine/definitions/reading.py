"""From the text of a file to a draft, with every mistake of form and its place."""

from __future__ import annotations

from typing import Any, Final

from engine.definitions.draft import (
    LABEL,
    LABEL_ZH,
    DefinitionKind,
    DefinitionRefused,
    Draft,
    located,
)
from engine.errors import Problem
from engine.flows.problems import Code, FlowProblem, did_you_mean, shown
from engine.flows.reading import LONGEST_TEXT, NAME
from engine.flows.written import MAX_BYTES, MAX_PROBLEMS, TextRefused, read_text

_KINDS: Final = tuple(kind.value for kind in DefinitionKind)
# The reader of texts speaks of flows; these are what it can say that is about more than a place.
_OWN_WORDS: Final = {
    Code.SEVERAL_DOCUMENTS: "the file holds a second definition after ---; write one a file.",
    Code.FILE_TOO_LARGE: f"a definition may be {MAX_BYTES >> 10:,} KiB large and no more.",
}


def read_definition(text: str | bytes, file_name: str) -> Draft:
    """The draft in a text, YAML or JSON. One of its keys says kind and name, such as
    `pipeline: b2b`. Raises DefinitionRefused with places as file:line:column."""
    try:
        written = read_text(text, file_name)
    except TextRefused as refused:
        raise refusal(file_name, [_told(one) for one in refused.problems]) from refused
    problems: list[Problem] = []
    data = written.data
    if not isinstance(data, dict):
        words = f"a definition is a mapping, not {shown(data)}."
        problems.append(Problem("", "wrong_type", words))
        data = {}
    kind = _kind(data, problems) if not problems else None
    name = _name(data, kind, problems)
    label = _label(data, name, problems)
    told = [_told(one) for one in written.problems] + located(problems, written.places)
    if told or kind is None or name is None:
        raise refusal(file_name, told)
    document = {key: value for key, value in data.items() if key not in (kind.value, LABEL)}
    source = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    return Draft(kind, name, label, document, source, written.places)


def refusal(file_name: str, problems: list[Problem]) -> DefinitionRefused:
    count = f"{len(problems)} mistakes" if len(problems) != 1 else "a mistake"
    words = f"The definition in {file_name} has {count}."
    return DefinitionRefused(words, problems[:MAX_PROBLEMS])


def _kind(data: dict[str, Any], problems: list[Problem]) -> DefinitionKind | None:
    found = [key for key in data if key in _KINDS]
    if len(found) == 1:
        return DefinitionKind(found[0])
    if found:
        words = f"is a second kind beside {found[0]}; write one definition a file."
        problems.append(Problem(f"/{found[1]}", "several_kinds", f'"{found[1]}" {words}'))
        return None
    first = next(iter(data), None)
    words = "no key says what this defines; write one such as `pipeline: b2b`"
    meant = did_you_mean(str(first), _KINDS) if first is not None else did_you_mean("", _KINDS)
    place = "" if first is None else f"/{first}"
    problems.append(Problem(place, "unknown_kind", f"{words}; {meant}"))
    return None


def _name(data: dict[str, Any], kind: DefinitionKind | None, problems: list[Problem]) -> str | None:
    if kind is None:
        return None
    name = data[kind.value]
    if isinstance(name, str) and NAME.fullmatch(name):
        return name
    words = (
        f"{shown(name)} is not a name; use lower-case letters, digits and _, with a letter first, "
        "at most 63 characters."
    )
    problems.append(Problem(f"/{kind.value}", "bad_name", words))
    return None


def _label(data: dict[str, Any], name: str | None, problems: list[Problem]) -> str:
    chinese = data.get(LABEL_ZH)
    if chinese is not None and not _is_label(chinese):
        problems.append(_label_problem(LABEL_ZH, chinese))
    label = data.get(LABEL)
    if label is None:
        words = (name or "").replace("_", " ")
        return words[:1].upper() + words[1:]
    if _is_label(label):
        return str(label).strip()
    problems.append(_label_problem(LABEL, label))
    return ""


def _is_label(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST_TEXT


def _label_problem(key: str, value: Any) -> Problem:
    words = f"a label is a text of 1 to {LONGEST_TEXT} characters, not {shown(value)}."
    return Problem(f"/{key}", "bad_label", words)


def _told(problem: FlowProblem) -> Problem:
    words = _OWN_WORDS.get(problem.code, problem.message)
    return Problem(problem.place, problem.code.value, words)
