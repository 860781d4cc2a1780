"""Trying a message: previews, proofs for a sample, tests to ourselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Shown
from engine.api.shapes.files import FileLine
from engine.api.shapes.segments import NAME, Called, ContactId
from engine.services.trying_messages import MOST_PEOPLE, USUAL_PEOPLE

Contact = Annotated[
    ContactId | Called | None,
    Field(description="A contact's number or e-mail address; without it somebody made up."),
]
Language = Annotated[
    str | None,
    Field(
        min_length=2,
        max_length=35,
        pattern=r"^[A-Za-z0-9-]+$",
        description="A language that the template has; without it the contact's own.",
    ),
]
Draft = Annotated[
    bool, Field(description="The texts that are being edited, not those that are sent.")
]


class PreviewGiven(Given):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"contact": "ada@example.com", "language": "zh"}]}
    )

    contact: Contact = None
    language: Language = None
    draft: Draft = False


class FindingShown(Shown):
    """A `problem` keeps the letter from going out, a `warning` would spoil it for some, a `note` is
    worth knowing."""

    level: Literal["problem", "warning", "note"]
    code: str
    message: str


class HeaderShown(Shown):
    name: str
    value: str


class FileOfLetterShown(Shown):
    """`inline`: a picture in the letter, `<img src="cid:NAME">`."""

    file: FileLine
    inline: bool


class VerdictShown(Shown):
    """What would become of the message if it were sent now. `code` says why it would not go at
    once, `until` when it would be asked about again."""

    answer: Literal["send", "defer", "drop", "digest"]
    code: str | None
    until: datetime | None


class PreviewShown(Shown):
    """The letter as the contact would get it now. `html` shows pictures by content id, as mail
    programs want them. Its links lead nowhere. `verdict` is null for
    somebody made up."""

    template: str
    version: str
    purpose: str
    verdict: VerdictShown | None
    topic: str | None
    contact_id: int | None
    contact: str
    address: str
    language: str
    languages: list[str]
    subject: str
    preheader: str
    html: str
    text: str
    short_text: str | None
    headers: list[HeaderShown]
    links: list[str]
    files: list[FileOfLetterShown]
    findings: list[FindingShown]
    html_bytes: int
    mail_bytes: int


class ProofGiven(Given):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"segment": "best_customers", "people": 50, "seed": 1}]}
    )

    segment: Annotated[
        str | None, Field(pattern=NAME, description="Its members; without it all contacts.")
    ] = None
    people: int = Field(USUAL_PEOPLE, ge=1, le=MOST_PEOPLE, description="How many are drawn.")
    seed: int = Field(0, ge=0, le=2**31, description="The same seed draws the same people.")


class SomeoneShown(Shown):
    contact_id: int
    name: str


class ProofFindingShown(FindingShown):
    """`count` people of the sample; `people` are the first of them. `path` is the field that has no
    value."""

    path: str | None
    count: int
    people: list[SomeoneShown]


class SubjectShown(SomeoneShown):
    language: str
    subject: str
    html_bytes: int


class ProofShown(Shown):
    """`reach` counts what would become of the message now: "sent", or the code of what keeps it
    back."""

    template: str
    version: str
    segment: str | None
    seed: int
    drawn: int
    written: int
    languages: dict[str, int]
    reach: dict[str, int]
    smallest_bytes: int
    usual_bytes: int
    largest_bytes: int
    largest: SomeoneShown | None
    findings: list[ProofFindingShown]
    subjects: list[SubjectShown]


class TestGiven(Given):
    """Only the caller's own address or the seed list gets a test."""

    __test__ = False  # not a test of ours

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to": "me", "contact": "ada@example.com"}]}
    )

    to: Literal["me", "seeds"] = "me"
    contact: Contact = None
    language: Language = None
    every_language: bool = False
    draft: Draft = False


class TriedShown(Shown):
    """`answer` is "sent", or the code of why the mail was not taken."""

    address: str
    language: str
    subject: str
    answer: str
    reason: str | None


class TestShown(Shown):
    __test__ = False

    mails: list[TriedShown]
