"""What stands beside a letter: findings, facts about it, links, versions."""

from __future__ import annotations

from typing import Final

from designer.letter_check import check_button
from designer.letter_words import LEVELS, finding_words
from designer.runtime import Designer
from designer.terms import PURPOSES, term, toned
from designer.visitor import Visitor
from designer.widgets import block, card, chip, facts, words
from engine.services.templates.drafts import TemplateDetail, TemplateSummary
from engine.services.trying_messages import Preview

MOST_LINKS: Final = 40


def findings_card(
    designer: Designer, detail: TemplateDetail, seen: Preview | None, visitor: Visitor
) -> None:
    t = visitor.t
    with card(t("Findings")) as place:
        place.mark("findings")
        with block("cz-pad cz-stack cz-tight"):
            if seen is not None and not seen.findings:
                words(t("Nothing to complain about."), "cz-good")
            for one in seen.findings if seen is not None else ():
                level, tone = toned(LEVELS, one.level, t)
                with block("cz-finding"):
                    chip(level, tone)
                    words(finding_words(one.code, one.message, t), "cz-grow")
            check_button(designer, visitor, detail)


def about_card(summary: TemplateSummary, seen: Preview, visitor: Visitor) -> None:
    t, letter = visitor.t, seen.letter
    size = visitor.formats.number(round(seen.html_bytes / 1024, 1))
    files = ", ".join(
        t("{name} (in the letter)", name=one.file.file_name) if one.inline else one.file.file_name
        for one in seen.files
    )
    with card(t("About it")):
        facts(
            [
                (t("Template"), summary.name),
                (t("Purpose"), term(PURPOSES, seen.purpose, t)),
                (t("Topic"), letter.topic or ""),
                (t("Language"), letter.language),
                (t("Languages"), ", ".join(seen.languages)),
                (t("Kept in"), t("Files") if summary.origin == "file" else t("Database")),
                (t("Version"), letter.version),
                (t("HTML"), t("{size} KB of the 102 KB Gmail shows", size=size)),
                (t("Files it carries"), files),
            ]
        )


def links_card(seen: Preview, visitor: Visitor) -> None:
    """As words: what a letter leads to is not opened from here."""
    if not seen.links:
        return
    with card(visitor.t("Links")), block("cz-pad cz-stack cz-tight"):
        for link in seen.links[:MOST_LINKS]:
            words(link, "cz-code", tag="code")


def versions_card(detail: TemplateDetail, visitor: Visitor) -> None:
    if not detail.versions:
        return
    t, formats = visitor.t, visitor.formats
    link = (f"/templates/{detail.summary.name}/versions", t("Compare"))
    with card(t("Versions"), link), block("cz-pad cz-stack cz-tight"):
        for one in detail.versions:
            with block("cz-row"):
                words(f"v{one.number}", "cz-strong")
                words(formats.moment(one.published_at), "cz-soft cz-small")
                words(one.published_by or "", "cz-soft cz-small")
                if one.is_sent:
                    chip(t("Sent now"), "good")
