"""Message templates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from engine.api.shapes.common import Given, Page, ProblemItem, Shown, Words
from engine.rendering.limits import MAX_SOURCE_CHARACTERS

NAME = r"^[a-z][a-z0-9_]{0,60}$"
META = (
    "label: {en: Spring news, zh: 春季新闻}\npurpose: marketing\nframe: letter\n"
    "defaults: {contact.first_name: {en: there, zh: 您}}\n"
)
FILES: dict[str, Any] = {
    "meta.yaml": META,
    "subject.txt": "{{ contact.first_name }}, spring is here",
    "body.html": "<h1>Spring</h1><p>Hi {{ contact.first_name }}, come and see what is new.</p>",
}
FileName = Annotated[str, StringConstraints(max_length=60)]
Source = Annotated[str, StringConstraints(max_length=MAX_SOURCE_CHARACTERS)]


class FilesGiven(Given):
    """The texts of a template by file name, the same files as in a folder of `templates/messages`:
    `meta.yaml`, `subject.txt`, `preheader.txt`, `body.html` or `body.mjml`, `body.txt`,
    `short.txt`, each with a language if need be, such as `body.zh.html`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"files": FILES}]})

    files: dict[FileName, Source] = Field(max_length=60)


class WhomGiven(Given):
    """Without `files` the draft is written. `facts` are merged over those of the made-up contact of
    the shipped templates, group by group.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "language": "zh",
                    "zone": "Asia/Singapore",
                    "facts": {"contact": {"first_name": "Ada"}},
                }
            ]
        }
    )

    files: dict[FileName, Source] | None = Field(None, max_length=60)
    language: str = Field("en", max_length=35, pattern=r"^[A-Za-z0-9_-]+$")
    zone: str = Field("UTC", max_length=64)
    facts: dict[str, dict[str, Any]] = Field({}, max_length=20)


class PublishGiven(Given):
    """Without `version` the draft is published; with one that version again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"version": 3}]})

    version: int | None = Field(None, ge=1, le=2**31)


class TemplateLine(Shown):
    """`origin` is "file" or "database", `state` "draft", "published" or "retired". `version` is
    what is sent now: "v3", or a hash for files. `covers_file`: there are files of this name too.
    """

    name: str
    origin: str
    state: str
    version: str | None
    label: Words | None
    purpose: str | None
    topic: str | None
    covers_file: bool
    updated_at: datetime | None


class TemplatePage(Page):
    items: list[TemplateLine]


class VersionShown(Shown):
    number: int
    hash: str
    published_at: datetime
    published_by: str | None
    is_sent: bool


class TemplateShown(TemplateLine):
    files: dict[str, str]
    versions: list[VersionShown]


class CheckShown(Shown):
    """With `problems` it cannot be published; `warnings` say what would be better."""

    problems: list[ProblemItem]
    warnings: list[ProblemItem]
    languages: list[str]
    bytes: int


class SavedShown(Shown):
    name: str
    check: CheckShown


class PublishedShown(Shown):
    """`unchanged`: this text was what is sent already."""

    name: str
    version: int
    unchanged: bool
    warnings: list[ProblemItem]


class FilesShown(Shown):
    files: dict[str, str]


class LetterShown(Shown):
    subject: str
    preheader: str
    html: str
    text: str
    short_text: str | None
    language: str
