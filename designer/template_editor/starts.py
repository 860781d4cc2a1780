"""What a new template begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.template_editor.meta_text import document_of, text_of
from engine.services.templates.bundle import META

# Frames of the shipped templates, by how letters are written; each offers to unsubscribe.
FRAMES: Final = {"html": "letter", "mjml": "news"}
_HTML: Final = """\
<h1 style="margin:0 0 16px;font-size:24px;line-height:32px;color:#111827;">A headline</h1>
<p style="margin:0 0 16px;">Hi {{ contact.first_name | default("there") }},</p>
<p style="margin:0 0 16px;">What you want to say.</p>
<p style="margin:0 0 16px;">{{ sender.name }}</p>
"""
_MJML: Final = """\
<mj-section>
<mj-column>
<mj-text><h1 style="margin:0;">A headline</h1></mj-text>
<mj-text>
<p>Hi {{ contact.first_name | default("there") }},</p>
<p>What you want to say.</p>
</mj-text>
</mj-column>
</mj-section>
"""
_SHORT: Final = 'Hi {{ contact.first_name | default("there") }}! {{ unsubscribe_url }}\n'


def blank(form: str, label: str, purpose: str) -> dict[str, str]:
    """`form` is "html", "mjml", or "short" for words alone."""
    meta = {"label": {"en": label, "zh": label}, "purpose": purpose, "language": "en"}
    if form == "short":
        return {META: text_of(meta), "short.txt": _SHORT}
    frame = FRAMES[form]
    if purpose == "service" and form == "html":
        frame = "notice"
    return {
        META: text_of({**meta, "frame": frame}),
        "subject.txt": f"{label}\n",
        f"body.{form}": _MJML if form == "mjml" else _HTML,
    }


def copied(files: Mapping[str, str], label: str) -> dict[str, str]:
    """The texts of another template under another label, where that can be read."""
    document = document_of(files.get(META, ""))
    if document is None:
        return dict(files)
    return {**files, META: text_of({**document, "label": {"en": label, "zh": label}})}
