"""All message templates, ready to be written for a contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from engine.errors import NotFound, Refused
from engine.rendering import RenderFailed, variables_of
from engine.rendering.compiled import CompiledTemplate, compiled
from engine.rendering.text_part import text_of_html, text_template, tidy
from engine.rules import Catalogue
from engine.services.templates.files import Sources, fallbacks, load_folder
from engine.services.templates.meta import Meta
from engine.services.templates.vocabulary import PREHEADER, message_vocabulary

# RFC 5322 allows lines of 998 characters; mail programs show some 60 of a subject.
LONGEST_SUBJECT = 250


class UnknownTemplate(NotFound):
    """No template has this name; the message offers the nearest."""

    code = "unknown_template"


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as one contact gets it; `language` is the variant's."""

    subject: str
    html: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class _Variant:
    """One language of a template, compiled. Without `text` it is made from each letter."""

    language: str
    subject: CompiledTemplate
    html: CompiledTemplate
    text: CompiledTemplate | None
    preheader: CompiledTemplate | None
    reads: frozenset[str]


class TemplateLibrary:
    """The templates below a folder, read and checked once.

    Raises Refused with every problem of every file. Nothing is read from disk afterwards, so a
    template that is being edited cannot break mail that is going out.
    """

    def __init__(self, root: Path, *, catalogue: Catalogue | None = None) -> None:
        bodies = message_vocabulary(catalogue)
        loaded = load_folder(root, message_vocabulary(catalogue, body=False), bodies)
        if loaded.problems:
            raise Refused(f"Message templates in {root} cannot be used.", loaded.problems)
        self._root = root
        self._metas = {name: meta for name, (meta, _) in loaded.templates.items()}
        self._variants = {
            name: {language: _compiled(one) for language, one in sources.items()}
            for name, (_, sources) in loaded.templates.items()
        }

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._metas))

    def meta(self, name: str) -> Meta:
        """Label, purpose and default language; raises UnknownTemplate."""
        if name not in self._metas:
            raise self._unknown(name)
        return self._metas[name]

    def languages(self, name: str) -> tuple[str, ...]:
        self.meta(name)
        return tuple(sorted(self._variants[name]))

    def reads(self, names: Collection[str]) -> frozenset[str]:
        """The variables these templates read in any language; unknown names read nothing."""
        found = (
            variant.reads for name in names for variant in self._variants.get(name, {}).values()
        )
        return frozenset().union(*found)

    def sample(self) -> dict[str, Any]:
        """The facts of a made-up contact, for previews."""
        facts: dict[str, Any] = yaml.safe_load((self._root / "_sample.yaml").read_text("utf-8"))
        return facts

    def render(
        self,
        name: str,
        facts: Mapping[str, Any],
        *,
        language: str,
        zone: str,
        links: Mapping[str, str],
    ) -> RenderedMessage:
        """The message in the nearest language there is. `links` are further variables, such as
        unsubscribe_url. Raises UnknownTemplate or RenderFailed."""
        variant = self._variant(name, language)
        known = {**facts, **links}
        # numbers and dates follow the reader as long as that is the language of the text
        locale = language if language.lower().startswith(variant.language) else variant.language

        def write(template: CompiledTemplate) -> str:
            return template.render(known, language=locale, zone=zone)

        subject = " ".join(write(variant.subject).split())[:LONGEST_SUBJECT]
        if not subject:
            raise RenderFailed("missing_value", "The subject is empty for this contact.")
        known[PREHEADER] = write(variant.preheader).strip() if variant.preheader else ""
        html = write(variant.html)
        text = tidy(write(variant.text)) if variant.text else text_of_html(html)
        return RenderedMessage(subject, html, text, variant.language)

    def _variant(self, name: str, language: str) -> _Variant:
        variants = self._variants.get(name)
        if variants is None:
            raise self._unknown(name)
        for one in fallbacks(language):
            if one in variants:
                return variants[one]
        return variants[self._metas[name].language.lower()]

    def _unknown(self, name: str) -> UnknownTemplate:
        close = get_close_matches(name, self._metas, n=1)
        meant = f'; did you mean "{close[0]}"?' if close else "."
        return UnknownTemplate(f'There is no message template "{name[:60]}"{meant}')


def _compiled(sources: Sources) -> _Variant:
    text = sources.text if sources.text is not None else text_template(sources.html)
    parts = (sources.subject, sources.html, text or "", sources.preheader or "")
    return _Variant(
        language=sources.language,
        subject=compiled(sources.subject, html=False),
        html=compiled(sources.html, html=True),
        text=None if text is None else compiled(text, html=False),
        preheader=compiled(sources.preheader, html=False) if sources.preheader else None,
        reads=frozenset().union(*map(variables_of, parts)),
    )
