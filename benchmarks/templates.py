"""Personalised letters of a real MJML template, against bare jinja2 with the same sources.

Both write subject, preheader, HTML and plain text for the same people in the same run, turn about,
on one core; what is counted is processor time. Compiling the MJML once is shown apart.

python -m benchmarks.templates [letters] [template]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment

from engine.rendering.text_part import text_template
from engine.services.templates import TemplateLibrary
from engine.services.templates.assembling import Sources, assemble
from engine.services.templates.checking import SAMPLE_LINKS
from engine.services.templates.vocabulary import known_variables

FOLDER = Path(__file__).parents[1] / "templates" / "messages"
TURN: Final = 500
People = list[dict[str, Any]]


def people(library: TemplateLibrary, count: int) -> People:
    sample = library.sample()
    return [
        sample
        | {
            "contact": sample["contact"]
            | {"first_name": f"Ada {number}", "email": f"a{number}@x.y"}
        }
        for number in range(count)
    ]


class Bare:
    """The same four texts through jinja2 as it comes, with the filters they use."""

    def __init__(self, sources: Sources) -> None:
        html, plain = Environment(autoescape=True), Environment(autoescape=False)
        for one in (html, plain):
            one.filters["plural"] = lambda count, single, many: single if count == 1 else many
        text = sources.text or text_template(sources.html or "") or ""
        self._subject = plain.from_string(sources.subject or "")
        self._preheader = plain.from_string(sources.preheader or "")
        self._html = html.from_string(sources.html or "")
        self._text = plain.from_string(text)

    def write(self, facts: Mapping[str, Any]) -> int:
        known = {**facts, **SAMPLE_LINKS}
        known["preheader"] = self._preheader.render(known)
        return len(self._subject.render(known)) + sum(
            len(one.render(known)) for one in (self._html, self._text)
        )


def seconds(write: Callable[[dict[str, Any]], object], group: People) -> float:
    began = time.process_time()
    for one in group:
        write(one)
    return time.process_time() - began


def main(letters: int = 6_000, name: str = "product_news") -> None:
    library = TemplateLibrary(FOLDER)
    bundle = library.file_bundle(name)
    assert bundle is not None
    began = time.process_time()
    assembled = assemble(bundle, known_variables())
    compiling = time.process_time() - began
    bare = Bare(assembled.variants["en"])

    def ours(facts: dict[str, Any]) -> object:
        return library.render(name, facts, language="en", zone="Asia/Singapore", links=SAMPLE_LINKS)

    group = people(library, TURN)
    size = len(library.render(name, group[0], language="en", zone="UTC", links=SAMPLE_LINKS).html)
    taken = {"ours": 0.0, "bare jinja2": 0.0}
    seconds(ours, group)
    seconds(bare.write, group)
    for _ in range(max(letters // TURN, 1)):
        taken["ours"] += seconds(ours, group)
        taken["bare jinja2"] += seconds(bare.write, group)
    count = max(letters // TURN, 1) * TURN
    print(f"{name}: {size:,} characters of HTML; read and compiled in {compiling * 1_000:.0f} ms")
    for who, spent in taken.items():
        print(f"{who:12} {count / spent:8,.0f} letters/s of one core")
    print(f"ratio {taken['bare jinja2'] / taken['ours']:.2f}")


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    main(int(given.get(0, 6_000)), given.get(1, "product_news"))
