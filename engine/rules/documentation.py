"""The parts of `docs/rules.md` that the code knows best: operators, what they take, limits.

    python -m engine.rules.documentation docs/rules.md

writes them anew between the page's markers, `<!-- name -->` and `<!-- end of name -->`, and leaves
the words around them alone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from engine.rules import limits
from engine.rules.check import Placed
from engine.rules.facts import Catalogue, Subject
from engine.rules.importing.import_rule import bare
from engine.rules.operators import Operator, all_operators
from engine.rules.operators.arguments import ANY_COUNT, KINDS, Argument
from engine.rules.parse import parse
from engine.rules.rule import Rule
from engine.rules.wording import describe

# In the order in which one learns them; a new module comes last until it finds its place here.
_GROUPS = (
    *("logic", "comparison", "presence", "membership", "texts", "numbers", "money", "in_base"),
    *(
        "instants",
        "dates",
        "windows",
        "periods",
        "sets",
        "lists",
        "totals",
        "event_macros",
        "segments",
    ),
    *("history", "changes"),
)
# The segment that the examples speak of.
CUSTOMERS = {"==": [{"var": "contact.lifecycle_stage"}, "customer"]}
_LIMITS: Mapping[str, tuple[object, str]] = {
    "depth": (limits.MAX_DEPTH, "levels of operators inside each other"),
    "operators": (limits.MAX_NODES, "in one rule"),
    "written out": (limits.MAX_EXPANDED_NODES, "operators after every macro and segment"),
    "depth written out": (
        limits.MAX_CHECKED_DEPTH,
        'levels, where each further number of a sum and each further condition of an "if" is one',
    ),
    "list": (limits.MAX_LIST_ITEMS, "items in a list"),
    "text": (limits.MAX_TEXT_LENGTH, "characters in a text"),
    "number": (limits.NUMBER_LIMIT, "at most, and at least 1e-15 unless it is 0"),
    "factors": (limits.MAX_FACTORS, "numbers multiplied into or divided by each other"),
    "segments": (limits.MAX_NESTED_SEGMENTS, "segments inside each other"),
}


def operators() -> str:
    """Every operator, in groups."""
    return "\n".join(line for group in groups() for line in _group(group))


def groups() -> list[str]:
    """The modules that operators stand in, in the order of the page."""
    there = dict.fromkeys(entry.group for entry in all_operators().values())
    known = [name for name in _GROUPS if name in there]
    return [*known, *sorted(there.keys() - set(known))]


def _group(name: str) -> Iterator[str]:
    # the module's own first sentence is what the operators in it have in common
    words = sys.modules[f"engine.rules.operators.{name}"].__doc__ or name
    yield f"### {' '.join(words.split('. ')[0].split()).rstrip('.')}"
    yield ""
    for entry in all_operators().values():
        if entry.group == name:
            yield from _operator(entry)


def _operator(entry: Operator) -> Iterator[str]:
    yield f"#### `{entry.name}` · {entry.label.en} · {entry.label.zh}"
    yield ""
    yield f"{entry.means.en} {entry.means.zh}"
    yield ""
    yield f"- Takes {_arguments(entry)}; gives {_article(entry.gives)}."
    yield f"- When a value is absent: {entry.when_absent}."
    yield f"- Short for `{_json(written_out(entry))}`" if entry.expand else f"- SQL: `{entry.sql}`"
    yield f"- Example: `{_json(entry.example)}`"
    english, chinese = in_words(entry)
    yield f"- In words: {english} · {chinese}"
    yield ""


def in_words(entry: Operator) -> tuple[str, str]:
    """The example as a sentence in English and Chinese."""
    root = example_rule(entry).root
    catalogue = Catalogue.standard()
    return describe(root, "en", catalogue), describe(root, "zh", catalogue)


def example_rule(entry: Operator) -> Rule:
    """The example, checked; about a deal where it reads one."""
    subject: Subject = "deal" if '"deal.' in _json(entry.example) else "contact"
    segments = {"customers": CUSTOMERS}
    return parse(
        entry.example, Catalogue.standard(), event_rule=True, subject=subject, segments=segments
    )


def _arguments(entry: Operator) -> str:
    if not entry.arguments:
        return "nothing"
    return ", ".join(map(_argument, entry.arguments))


def _argument(argument: Argument) -> str:
    kinds = " or ".join(argument.kinds)
    counts = {(1, 1): "", (0, 1): ", may be left out"}
    most = "any number" if argument.most >= ANY_COUNT else argument.most
    several = f", {argument.least} to {most}"
    return f"*{argument.name}* ({kinds}{counts.get((argument.least, argument.most), several)})"


def _article(kind: str) -> str:
    return "a value" if kind == "any" else f"a {kind}"


def written_out(entry: Operator) -> object:
    """What the example of a macro is short for, where the macro stands in it."""
    assert entry.expand is not None
    found = next(_uses(entry.name, entry.example))
    arguments = found if isinstance(found, list) else [found]
    return bare(entry.expand([Placed(argument, "") for argument in arguments]))


def _uses(name: str, document: object) -> Iterator[object]:
    if isinstance(document, dict):
        if name in document:
            yield document[name]
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from _uses(name, part)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)


def kinds() -> str:
    """What the words for arguments mean."""
    rows = [f"| {name} | {label.en} | {label.zh} |" for name, label in KINDS.items()]
    return "\n".join(["| kind | meaning | 含义 |", "| --- | --- | --- |", *rows])


def limit_table() -> str:
    rows = [f"| {name} | {size:,} | {words} |" for name, (size, words) in _LIMITS.items()]
    return "\n".join(["| limit | size | of |", "| --- | --- | --- |", *rows])


PARTS: Mapping[str, Callable[[], str]] = {
    "operators": operators,
    "kinds": kinds,
    "limits": limit_table,
}


def written(page: str) -> str:
    """The page with its generated parts anew; raises ValueError when one has no place."""
    for name, part in PARTS.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        if page.count(start) != 1 or page.count(end) != 1:
            raise ValueError(f'The page needs one "{start}" and one "{end}".')
        pattern = re.compile(f"{re.escape(start)}.*{re.escape(end)}", re.DOTALL)
        # a backslash in a template of re.sub would mean something
        text = f"{start}\n{part().strip()}\n{end}".replace("\\", "\\\\")
        page = pattern.sub(text, page)
    return page


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text("utf-8")), "utf-8")
