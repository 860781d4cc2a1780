"""Reading message templates from their folder, with every mistake named by file and line.

<name>/meta.yaml                 label, purpose, default language, frame
<name>/subject.txt               one line; subject.zh.txt is its Chinese variant
<name>/preheader.txt             optional: what mail programs show beside the subject
<name>/body.html                 the letter; <name>/body.txt optionally its plain text
_frames/<frame>.html             what stands around letters, with <!-- content --> in it
_sample.yaml                     the facts of a made-up contact, for previews
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from engine.errors import Problem
from engine.rendering import Vocabulary, check_template, variables_of
from engine.services.templates.meta import Meta, read_file, read_meta
from engine.services.templates.vocabulary import UNSUBSCRIBE_URL

CONTENT = "<!-- content -->"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_PART = re.compile(
    r"(subject|preheader|body)(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*))?\.(txt|html)"
)
_FRAME = re.compile(r"([a-z][a-z0-9_]{0,60})(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*))?\.html")


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts of one language of a template; `html` has its frame around it already."""

    language: str
    subject: str
    html: str
    text: str | None
    preheader: str | None


@dataclass(slots=True)
class Loaded:
    """What a folder held. `templates` is complete only when there are no problems."""

    templates: dict[str, tuple[Meta, dict[str, Sources]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load_folder(root: Path, subjects: Vocabulary, bodies: Vocabulary) -> Loaded:
    """Read and check everything below `root`. Languages are keyed in lower case."""
    loaded = Loaded()
    frames = _frames(root, bodies, loaded.problems)
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        if folder.name.startswith(("_", ".")):
            continue
        if not _NAME.fullmatch(folder.name):
            words = "is no name for a template; use small letters, digits and _."
            loaded.problems.append(Problem(folder.name, "bad_name", words))
            continue
        _template(folder, frames, subjects, bodies, loaded)
    return loaded


def _frames(
    root: Path, known: Vocabulary, problems: list[Problem]
) -> dict[str, dict[str | None, str]]:
    """The frames by name and language; None is the one for every other language."""
    frames: dict[str, dict[str | None, str]] = {}
    folder = root / "_frames"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        place = f"_frames/{path.name}"
        match = _FRAME.fullmatch(path.name)
        source = read_file(path, place, problems) if match else None
        if match is None:
            problems.append(Problem(place, "unknown_file", "is not a frame; name it name.html."))
        if match is None or source is None:
            continue
        if source.count(CONTENT) != 1:
            problems.append(Problem(place, "no_content", f"must have {CONTENT} in it, once."))
        problems.extend(_checked(place, source, known))
        language = match[2].lower() if match[2] else None
        frames.setdefault(match[1], {})[language] = source
    return frames


def _template(
    folder: Path,
    frames: Mapping[str, dict[str | None, str]],
    subjects: Vocabulary,
    bodies: Vocabulary,
    loaded: Loaded,
) -> None:
    meta = read_meta(folder, loaded.problems)
    if meta is None:
        return
    parts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.iterdir()):
        match = _PART.fullmatch(path.name)
        place = f"{folder.name}/{path.name}"
        if path.name == "meta.yaml":
            continue
        if match is None or (match[1] != "body" and match[3] == "html"):
            words = "is not part of a template; there are subject.txt, preheader.txt, body.html, "
            words += "body.txt, each with a language if need be, such as body.zh.html."
            loaded.problems.append(Problem(place, "unknown_file", words))
            continue
        source = read_file(path, place, loaded.problems)
        if source is None:
            continue
        known = bodies if match[1] == "body" else subjects
        loaded.problems.extend(_checked(place, source, known))
        part = "text" if path.name.startswith("body") and match[3] == "txt" else match[1]
        of_language = parts.setdefault((match[2] or meta.language).lower(), {})
        if part in of_language:
            words = f'is in "{meta.language}", and so is another file of the same part.'
            loaded.problems.append(Problem(place, "twice", words))
        of_language[part] = source
    sources = dict(_variants(folder.name, meta, parts, frames, loaded.problems))
    loaded.templates[folder.name] = (meta, sources)


def _variants(
    name: str,
    meta: Meta,
    parts: Mapping[str, Mapping[str, str]],
    frames: Mapping[str, dict[str | None, str]],
    problems: list[Problem],
) -> Iterator[tuple[str, Sources]]:
    if meta.language.lower() not in parts:
        words = f'has neither subject.txt nor body.html in its language "{meta.language}".'
        problems.append(Problem(name, "no_default_language", words))
    if meta.frame is not None and meta.frame not in frames:
        words = f'wants the frame "{meta.frame}", which is not in _frames.'
        problems.append(Problem(f"{name}/meta.yaml", "unknown_frame", words))
    for language, found in parts.items():
        lacking = [part for part in ("subject", "body") if part not in found]
        if lacking:
            words = f'has no {" and no ".join(lacking)} in "{language}", but other parts of it.'
            problems.append(Problem(name, "incomplete_language", words))
            continue
        html = _framed(found["body"], frames.get(meta.frame or "", {}), language)
        if meta.purpose == "marketing" and UNSUBSCRIBE_URL not in variables_of(html):
            words = f'has no {{{{ {UNSUBSCRIBE_URL} }}}} in "{language}"; marketing mail needs it.'
            problems.append(Problem(name, "no_unsubscribe", words))
        yield (
            language,
            Sources(language, found["subject"], html, found.get("text"), found.get("preheader")),
        )


def _framed(body: str, frames: Mapping[str | None, str], language: str) -> str:
    frame = next((frames[one] for one in (*fallbacks(language), None) if one in frames), None)
    return body if frame is None else frame.replace(CONTENT, body)


@lru_cache(maxsize=1_024)
def fallbacks(language: str) -> tuple[str, ...]:
    """The tag and what it is a kind of: "zh-Hant-TW", "zh-Hant", "zh", in lower case."""
    parts = language.replace("_", "-").lower().split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


def _checked(place: str, source: str, known: Vocabulary) -> Iterator[Problem]:
    for problem in check_template(source, known):
        yield Problem(f"{place}:{problem.line}", problem.code, problem.message)
