"""A template compiled, and a message written from it for one contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.rendering import RenderFailed, variables_of
from engine.rendering.compiled import CompiledTemplate, compiled
from engine.rendering.text_part import text_of_html, text_template, tidy
from engine.services.files.pictures import pictures_in
from engine.services.templates.assembling import Assembled, Sources
from engine.services.templates.bundle import SAMPLE, chain
from engine.services.templates.meta import Meta
from engine.services.templates.vocabulary import PREHEADER

# RFC 5322 allows lines of 998 characters; mail programs show some 60 of a subject.
LONGEST_SUBJECT = 250


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as one contact gets it; `language` is the variant's.

    `version` names the stored text it was written from. `short_text` is for SMS and chat, where the
    template has one; one that has nothing else has an empty subject and letter. `topic`, `sender`
    (an identity's slug) and `attachments` (names of stored files) are what the template's meta
    says; `pictures` are the files that the template's own text shows by content id.
    """

    subject: str
    html: str
    text: str
    language: str
    version: str = ""
    preheader: str = ""
    short_text: str | None = None
    topic: str | None = None
    sender: str | None = None
    attachments: tuple[str, ...] = ()
    pictures: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Variant:
    """One language of a template, compiled. With a letter and without `text`, that is made from
    each letter."""

    language: str
    subject: CompiledTemplate | None
    html: CompiledTemplate | None
    text: CompiledTemplate | None
    preheader: CompiledTemplate | None
    short: CompiledTemplate | None
    reads: frozenset[str]
    pictures: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReadyTemplate:
    """`version` names the text; `languages` are the keys of `variants`, in small letters. `sample`
    is the text of its own sample."""

    name: str
    version: str
    meta: Meta
    variants: Mapping[str, Variant]
    sample: str = ""

    @property
    def reads(self) -> frozenset[str]:
        return frozenset().union(*(one.reads for one in self.variants.values()))

    def variant(self, language: str) -> Variant:
        """The nearest there is, else the template's own language."""
        for one in chain(language, self.meta.further()):
            if one in self.variants:
                return self.variants[one]
        return self.variants[self.meta.language.lower()]


def made_ready(assembled: Assembled, version: str) -> ReadyTemplate:
    """Compile a template that has no problems; raises TemplateRefused when it has some after all"""
    meta = assembled.meta
    assert meta is not None
    variants = {tag: _compiled(one, meta) for tag, one in assembled.variants.items()}
    bundle = assembled.bundle
    return ReadyTemplate(bundle.name, version, meta, variants, bundle.files.get(SAMPLE, ""))


def write_message(
    template: ReadyTemplate,
    facts: Mapping[str, Any],
    *,
    language: str,
    zone: str,
    links: Mapping[str, str],
) -> RenderedMessage:
    """The message in the nearest language there is; raises RenderFailed."""
    variant, meta = template.variant(language), template.meta
    known = {**facts, **links}
    # numbers and dates follow the reader as long as that is the language of the text
    locale = language if language.lower().startswith(variant.language) else variant.language

    def write(one: CompiledTemplate | None) -> str:
        return "" if one is None else one.render(known, language=locale, zone=zone)

    subject = " ".join(write(variant.subject).split())[:LONGEST_SUBJECT]
    if not subject and variant.subject is not None:
        raise RenderFailed("missing_value", "The subject is empty for this contact.")
    preheader = known[PREHEADER] = write(variant.preheader).strip()
    html = write(variant.html)
    short = tidy(write(variant.short)).strip() if variant.short is not None else None
    return RenderedMessage(
        subject,
        html,
        _text(variant, html, short, write(variant.text)),
        variant.language,
        version=template.version,
        preheader=preheader,
        short_text=short,
        topic=meta.topic,
        sender=meta.sender,
        attachments=meta.attachments,
        pictures=variant.pictures,
    )


def _text(variant: Variant, html: str, short: str | None, text: str) -> str:
    if variant.text is not None:
        return tidy(text)
    if variant.html is None:
        return f"{short or ''}\n"
    try:
        return text_of_html(html)
    except (ValueError, RecursionError) as error:
        words = f"Its plain text cannot be made of the letter ({type(error).__name__})."
        raise RenderFailed("wrong_value", words) from error


def _compiled(sources: Sources, meta: Meta) -> Variant:
    html = sources.html
    text = sources.text
    if text is None and html is not None:
        text = text_template(html)
    defaults = meta.defaults_in(sources.language)

    def plain(source: str | None) -> CompiledTemplate | None:
        return None if source is None else compiled(source, html=False, defaults=defaults)

    parts = (sources.subject, html, text, sources.preheader, sources.short)
    return Variant(
        language=sources.language,
        subject=plain(sources.subject),
        html=None if html is None else compiled(html, html=True, defaults=defaults),
        text=plain(text),
        preheader=plain(sources.preheader),
        short=plain(sources.short),
        reads=frozenset().union(*(variables_of(part) for part in parts if part)),
        pictures=pictures_in(html or ""),
    )
