"""From the texts of a template to its letters, with every mistake named by file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import Problem
from engine.rendering import Vocabulary, check_template, variables_of
from engine.rendering.letter_checks import check_letter
from engine.services.templates.bundle import (
    META,
    SAMPLE,
    Bundle,
    PartName,
    frame_for,
    frame_of,
    frames_named,
    part_of,
)
from engine.services.templates.letters import framed_letter
from engine.services.templates.meta import Meta, read_meta
from engine.services.templates.sample import sample_problems
from engine.services.templates.vocabulary import UNSUBSCRIBE_URL, Known


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts of one language of a template; `html` has its frame around it, and its styles in
    its tags. A language may have nothing but a short text."""

    language: str
    subject: str | None
    html: str | None
    text: str | None
    preheader: str | None
    short: str | None


@dataclass(slots=True)
class Assembled:
    """`variants` by language in small letters; complete only when there are no problems. `frames`
    are the files of frames that were used."""

    bundle: Bundle
    meta: Meta | None = None
    variants: dict[str, Sources] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    frames: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Part:
    file: str
    form: str
    text: str


def assemble(bundle: Bundle, known: Known) -> Assembled:
    """Read and check one template. Frames are taken as they are: see `frame_problems`."""
    made = Assembled(bundle)
    if META not in bundle.files:
        words = "is missing; it says the template's label and purpose."
        made.problems.append(Problem(f"{bundle.prefix}{META}", "unreadable", words))
        return made
    made.meta = read_meta(bundle.files[META], f"{bundle.prefix}{META}", made.problems)
    if made.meta is None:
        return made
    _check_meta(made, made.meta, known)
    parts = _parts(made, made.meta, known)
    if made.meta.language.lower() not in parts:
        words = f'has neither subject.txt nor a body in its language "{made.meta.language}".'
        made.problems.append(Problem(bundle.name, "no_default_language", words))
    for language, found in parts.items():
        sources = _variant(made, made.meta, language, found)
        if sources is not None:
            made.variants[language] = sources
    return made


def frame_problems(file: str, text: str, known: Known) -> Iterator[Problem]:
    """What is wrong with a frame, whichever letter it stands around."""
    place = f"_frames/{file}"
    yield from _checked(place, text, known.bodies)
    for one in check_letter(text).mistakes:
        yield Problem(f"{place}:{one.line}", one.code, one.message)


def _check_meta(made: Assembled, meta: Meta, known: Known) -> None:
    place = f"{made.bundle.prefix}{META}"
    # around short words there is none, and the version keeps none
    wants = any((part := part_of(file)) and part.part == "letter" for file in made.bundle.files)
    if meta.frame is not None and wants and not frames_named(meta.frame, made.bundle.frames):
        words = f'wants the frame "{meta.frame}", which is not in _frames.'
        made.problems.append(Problem(place, "unknown_frame", words))
    if SAMPLE in made.bundle.files:
        source, at = made.bundle.files[SAMPLE], f"{made.bundle.prefix}{SAMPLE}"
        made.problems.extend(sample_problems(source, at))
    for path in meta.defaults:
        parts = tuple(path.split("."))
        if not known.bodies.is_field(parts):
            nearest = known.bodies.nearest(parts)
            meant = f'; did you mean "{nearest}"?' if nearest else "."
            words = f'has a default for "{path}", which is not known{meant}'
            made.problems.append(Problem(place, "unknown_variable", words))


def _parts(made: Assembled, meta: Meta, known: Known) -> dict[str, dict[str, _Part]]:
    """By language and part; each text is checked on the way."""
    bundle, parts = made.bundle, dict[str, dict[str, _Part]]()
    for file in sorted(bundle.files):
        if file in (META, SAMPLE):
            continue
        place, name, text = f"{bundle.prefix}{file}", part_of(file), bundle.files[file]
        if name is None:
            words = "is not part of a template; there are subject.txt, preheader.txt, body.html or "
            words += "body.mjml, body.txt, short.txt, each with a language if need be, such as "
            made.problems.append(Problem(place, "unknown_file", f"{words}body.zh.html."))
            continue
        _check_part(made, place, name, text, known)
        of_language = parts.setdefault(name.language or meta.language.lower(), {})
        if name.part in of_language:
            words = f'is in "{name.language or meta.language}", and so is another file of the part.'
            made.problems.append(Problem(place, "twice", words))
        of_language[name.part] = _Part(file, name.form, text)
    return parts


def _check_part(made: Assembled, place: str, name: PartName, text: str, known: Known) -> None:
    in_body = name.part in ("letter", "text")
    made.problems.extend(_checked(place, text, known.bodies if in_body else known.subjects))
    if name.part == "letter":
        remarks = check_letter(text)
        for found, into in ((remarks.mistakes, made.problems), (remarks.warnings, made.warnings)):
            into.extend(Problem(f"{place}:{one.line}", one.code, one.message) for one in found)


def _variant(
    made: Assembled, meta: Meta, language: str, parts: Mapping[str, _Part]
) -> Sources | None:
    bundle = made.bundle
    lacking = [words for part, words in _NEEDED.items() if part not in parts]
    if lacking and set(parts) != {"short"}:
        words = f'has no {" and no ".join(lacking)} in "{language}", but other parts of it.'
        made.problems.append(Problem(bundle.name, "incomplete_language", words))
        return None
    texts = {part: one.text for part, one in parts.items()}
    html = None
    if "letter" in parts:
        letter = parts["letter"]
        frame = frame_for(meta.frame or "", language, letter.form, bundle.frames)
        if frame is not None:
            made.frames.add(frame)
        elif _has_other_form(meta.frame, letter.form, bundle.frames):
            words = f'is {letter.form}, and the frame "{meta.frame}" has no such file.'
            made.problems.append(Problem(f"{bundle.prefix}{letter.file}", "unknown_frame", words))
        html = framed_letter(bundle, letter.file, frame, language, made.problems)
    if meta.purpose == "marketing":
        _check_unsubscribe(made, language, html, texts)
    return Sources(
        language=language,
        subject=texts.get("subject"),
        html=html,
        text=texts.get("text"),
        preheader=texts.get("preheader"),
        short=texts.get("short"),
    )


def _has_other_form(frame: str | None, form: str, files: Mapping[str, str]) -> bool:
    """Whether the frame is there, but for the other way of writing letters only."""
    forms = {found[2] for file in files if (found := frame_of(file)) and found[0] == frame}
    return bool(forms) and form not in forms


_NEEDED = {"subject": "subject", "letter": "body"}


def _check_unsubscribe(
    made: Assembled, language: str, html: str | None, texts: Mapping[str, str]
) -> None:
    """Each of the ways it may travel needs one: mail programs show the letter or its text. Whether
    people get to see it, the trial says (see `checking`)."""
    ways = {"letter": html, "plain text": texts.get("text"), "short text": texts.get("short")}
    for way, source in ways.items():
        if source is not None and UNSUBSCRIBE_URL not in variables_of(source):
            words = f'has no {{{{ {UNSUBSCRIBE_URL} }}}} in its {way} in "{language}"; '
            words += "marketing messages need it."
            made.problems.append(Problem(made.bundle.name, "no_unsubscribe", words))


def _checked(place: str, source: str, known: Vocabulary) -> Iterator[Problem]:
    for problem in check_template(source, known):
        yield Problem(f"{place}:{problem.line}", problem.code, problem.message)
