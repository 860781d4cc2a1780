"""The flows that are shipped, to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile, takewhile
from pathlib import Path

from engine.flows.written import read_text


@dataclass(frozen=True, slots=True)
class ReadyFlow:
    """`about` is what its file says first, in English and in Chinese."""

    name: str
    label: str
    purpose: str
    about: str
    about_zh: str
    source: str


@lru_cache(maxsize=4)
def ready_flows(templates: Path) -> tuple[ReadyFlow, ...]:
    """In the order of their labels; they are part of the release and read once."""
    files = sorted((templates / "flows").glob("*.yaml"))
    return tuple(sorted(map(_ready, files), key=lambda one: one.label))


def _ready(file: Path) -> ReadyFlow:
    source = file.read_text("utf-8")
    data = read_text(source, file.name).data
    said: list[str] = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        said.append(line.lstrip("# ").strip())
    english, chinese = _paragraph(said, ascii_=True), _paragraph(said, ascii_=False)
    return ReadyFlow(
        str(data["flow"]),
        str(data.get("label") or data["flow"]),
        str(data["purpose"]),
        english,
        chinese or english,
        source,
    )


def _paragraph(said: list[str], *, ascii_: bool) -> str:
    """The first lines that are, or are not, of Latin letters alone."""
    rest = dropwhile(lambda line: not line or line.isascii() != ascii_, said)
    lines = list(takewhile(lambda line: bool(line) and line.isascii() == ascii_, rest))
    return (" " if ascii_ else "").join(lines)
