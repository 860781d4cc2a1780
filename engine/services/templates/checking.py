"""Everything worth saying about a template before people get it: what must be mended, and what
would better be mended. It renders the template, so for texts that nobody has published yet it runs
in a room of its own (see `room`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Problem
from engine.rendering import RenderFailed
from engine.rendering.legibility import check_contrast
from engine.rendering.problems import TemplateRefused
from engine.services.templates.assembling import Assembled, Sources, assemble
from engine.services.templates.bundle import META, Bundle
from engine.services.templates.meta import Meta
from engine.services.templates.ready import (
    ReadyTemplate,
    RenderedMessage,
    made_ready,
    write_message,
)
from engine.services.templates.sample import sample_for
from engine.services.templates.vocabulary import LINKS, UNSUBSCRIBE_URL, Known

# Gmail shows so much of a letter's HTML and hides the rest behind a link.
CLIPPED_BYTES: Final = 102 * 1024
# More than this no mail program shows of a subject on a wide screen; a telephone shows half.
LONG_SUBJECT: Final = 70
# One message of SMS in any script but the plainest; longer ones are sent, and charged, in parts.
LONG_SHORT_TEXT: Final = 70 * 6
SAMPLE_LINKS: Final[Mapping[str, str]] = {
    name: f"https://example.com/{name.removesuffix('_url')}/0123456789abcdef0123456789abcdef"
    for name in LINKS
}

_LINK = re.compile(r"""<a\b[^>]*\shref\s*=""", re.IGNORECASE)
_HREF = re.compile(r"""<(?:a|area)\b[^>]*\shref\s*=\s*["']([^"']*)["']""", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Checked:
    """A template may be published when there are no `problems`. `frames` are the files of frames
    that its letters stand in; `bytes` the size of its largest letter for the sample contact."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    languages: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    bytes: int = 0


def check_bundle(bundle: Bundle, known: Known, sample: Mapping[str, Any]) -> Checked:
    """All there is to say. `sample` are the facts of a made-up contact."""
    made = assemble(bundle, known)
    if made.problems or made.meta is None:
        return Checked(tuple(made.problems), tuple(made.warnings), tuple(sorted(made.variants)))
    try:
        ready = made_ready(made, "")
    except TemplateRefused as refused:
        problems = tuple(Problem(bundle.name, one.code, one.message) for one in refused.problems)
        return Checked(problems, tuple(made.warnings))
    trial = _Trial(made, made.meta, ready, sample_for(bundle, sample))
    for language, sources in sorted(made.variants.items()):
        trial.look_at(language, sources)
    return Checked(
        tuple(made.problems),
        tuple(made.warnings),
        tuple(sorted(made.variants)),
        tuple(sorted(made.frames)),
        trial.largest,
    )


class _Trial:
    """The letters of a template, written for the sample contact and for nobody in particular."""

    def __init__(
        self, made: Assembled, meta: Meta, ready: ReadyTemplate, sample: Mapping[str, Any]
    ) -> None:
        self.largest = 0
        self._made = made
        self._meta = meta
        self._ready = ready
        self._sample = sample
        self._sender = {"sender": sample.get("sender")}

    def look_at(self, language: str, sources: Sources) -> None:
        message = self._written(language, self._sample)
        if isinstance(message, RenderFailed):
            place = self._place(language)
            self._made.problems.append(Problem(place, "cannot_be_written", _said(message)))
            return
        self._made.problems.extend(self._no_way_out(language, sources, message))
        self._made.warnings.extend(self._warnings(language, sources, message))
        nobody = self._written(language, {"contact": {}, "account": None, **self._sender})
        if isinstance(nobody, RenderFailed) and nobody.code == "missing_value":
            words = f"People of whom this is unknown would not get it: {nobody.message}"
            self._warn(language, "may_be_held", words)

    def _no_way_out(
        self, language: str, sources: Sources, message: RenderedMessage
    ) -> Iterator[Problem]:
        """A link to unsubscribe that stands in a comment, a condition or a hidden part is none."""
        if self._meta.purpose != "marketing":
            return
        url = SAMPLE_LINKS[UNSUBSCRIBE_URL]
        ways = {"short text": message.short_text}
        if sources.html is not None:
            linked = {one[1].strip() for one in _HREF.finditer(_COMMENT.sub("", message.html))}
            ways |= {"letter": url if url in linked else "", "plain text": message.text}
        for way, shown in ways.items():
            if shown is not None and url not in shown:
                words = f"The {way} shows no link to {{{{ {UNSUBSCRIBE_URL} }}}} to the sample "
                yield Problem(self._place(language), "no_unsubscribe", f"{words}contact.")

    def _written(self, language: str, facts: Mapping[str, Any]) -> RenderedMessage | RenderFailed:
        try:
            return write_message(
                self._ready, facts, language=language, zone="UTC", links=SAMPLE_LINKS
            )
        except RenderFailed as failed:
            return failed

    def _warnings(
        self, language: str, sources: Sources, message: RenderedMessage
    ) -> Iterator[Problem]:
        place, size = self._place(language), len(message.html.encode())
        self.largest = max(self.largest, size)
        if size > CLIPPED_BYTES:
            words = f"The letter has {size:,} bytes; Gmail hides what is beyond {CLIPPED_BYTES:,}."
            yield Problem(place, "clipped", words)
        if len(message.subject) > LONG_SUBJECT:
            words = f"The subject has {len(message.subject)} characters; mail programs cut it off."
            yield Problem(place, "long_subject", words)
        if message.short_text and len(message.short_text) > LONG_SHORT_TEXT:
            words = f"The short text has {len(message.short_text)} characters: many parts of SMS."
            yield Problem(place, "long_short_text", words)
        has_links = _LINK.search(message.html) is not None
        if sources.text is not None and has_links and "://" not in message.text:
            words = "The letter has links, and its plain text has none."
            yield Problem(place, "no_links_in_text", words)
        if sources.html is not None:
            for remark in check_contrast(sources.html):
                yield Problem(place, remark.code, remark.message)
        for path, words_of in self._meta.defaults.items():
            if path in self._ready.variants[language].reads and not any(
                path == known for known, _ in self._meta.defaults_in(language)
            ):
                words = f'has no default for "{path}" in "{language}": {sorted(words_of)} only.'
                yield Problem(f"{self._made.bundle.prefix}{META}", "no_default", words)

    def _warn(self, language: str, code: str, words: str) -> None:
        self._made.warnings.append(Problem(self._place(language), code, words))

    def _place(self, language: str) -> str:
        return f"{self._made.bundle.name} ({language})"


def _said(failed: RenderFailed) -> str:
    return f"It cannot be written for the sample contact: {failed.message}"
