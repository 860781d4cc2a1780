"""Forms that anybody may send, and what was sent with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, Shown

NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
FieldKind = Literal["email", "text", "long_text", "phone", "date", "number", "choice", "tick"]
_Line = Annotated[str, Field(max_length=300)]
_EXAMPLE: dict[str, Any] = {
    "title": "Our newsletter",
    "fields": [{"name": "first", "label": "First name", "fills": "first_name"}],
    "topics": [],
    "wording": "Send me a letter each month.",
    "thanks": "You will hear from us.",
    "redirects": ["https://www.example.com/thanks"],
}


class FormFieldGiven(Given):
    """`fills` is a field of the contact, or "custom.<key>"; empty: the answer stays with the
    event. `choices` are those of a choice."""

    name: Annotated[str, Field(max_length=100)]
    label: _Line
    kind: FieldKind = "text"
    required: bool = False
    fills: Annotated[str, Field(max_length=100)] = ""
    choices: Annotated[list[_Line], Field(max_length=200)] = []


class FormGiven(Given):
    """The e-mail address is asked for anyway. With `consent` "confirm" people are asked for
    messages about `topics`; `wording` is what they agree to. Afterwards the browser goes to one of
    `redirects`, the first unless it names another; without one it shows `thanks`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    title: _Line
    event: Annotated[str, Field(max_length=300)] = "Form Sent"
    fields: Annotated[list[FormFieldGiven], Field(max_length=30)] = []
    consent: Literal["confirm", "none"] = "confirm"
    topics: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)] = []
    wording: Annotated[str, Field(max_length=2_500)] = ""
    thanks: Annotated[str, Field(max_length=2_500)] = ""
    redirects: Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=10)] = []


class NewForm(FormGiven):
    """`name` ends its address and never changes. One that is not `active` is there for nobody
    until it is resumed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "newsletter", **_EXAMPLE}]})

    name: str = Field(pattern=NAME)
    active: bool = True


class FormFieldShown(Shown):
    name: str
    label: str
    kind: FieldKind
    required: bool
    fills: str
    choices: list[str]


class FormShown(Shown):
    """`address` is its page, and where forms of other sites send theirs."""

    name: str
    address: str
    active: bool
    created_at: datetime
    last_used_at: datetime | None
    title: str
    event: str
    fields: list[FormFieldShown]
    consent: Literal["confirm", "none"]
    topics: list[str]
    wording: str
    thanks: str
    redirects: list[str]


class FormPage(Page):
    items: list[FormShown]


class SubmissionShown(Shown):
    """`id` is the event's; `answers` go by the names that the form's fields had then."""

    id: int
    sent_at: datetime
    event: str
    contact_id: int
    answers: dict[str, Any]


class SubmissionPage(Page):
    items: list[SubmissionShown]
