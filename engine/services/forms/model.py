"""What a form asks, and reading what somebody sent. Pure: only listed fields are ever looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args
from urllib.parse import urlsplit

from engine.errors import Problem, Refused
from engine.services import field_values
from engine.services.contacts.fields import CONTACT_FIELDS
from engine.services.field_values import ValueRefused

FieldKind = Literal["email", "text", "long_text", "phone", "date", "number", "choice", "tick"]
KINDS: Final[tuple[FieldKind, ...]] = get_args(FieldKind)
Consent = Literal["confirm", "none"]
# What a form may fill of a contact: what people know of themselves.
FILLED: Final = (
    *("first_name", "last_name", "phone", "job_title", "country", "city", "language", "birthday"),
)
USUAL_EVENT: Final = "Form Sent"
# A field that people do not see and programs fill in.
TRAP: Final = "website_address"
# Names that the door keeps for itself.
_OWN: Final = frozenset({TRAP, "next", "email"})
MOST_FIELDS: Final = 30
MOST_REDIRECTS: Final = 10
LONGEST_ANSWER: Final = {"long_text": 5_000}
_USUAL_LENGTH: Final = 500
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TOPIC: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_YES: Final = frozenset({"on", "yes", "true", "1"})


@dataclass(frozen=True, slots=True)
class FormField:
    """`fills` is a field of the contact, or "custom.<key>"; empty: it stays with the event."""

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    fills: str = ""
    choices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "required": self.required,
            "fills": self.fills,
            "choices": list(self.choices),
        }


@dataclass(frozen=True, slots=True)
class Form:
    """Every form asks for an e-mail address, in a field of that name. With `consent` "confirm" it
    asks for messages, about `topics`; `wording` is what people agree to, and its mark is kept as
    evidence. After it the browser goes to one of `redirects`, the first unless it names another."""

    title: str
    event: str = USUAL_EVENT
    fields: tuple[FormField, ...] = ()
    consent: Consent = "confirm"
    topics: tuple[str, ...] = ()
    wording: str = ""
    thanks: str = ""
    redirects: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "event": self.event,
            "fields": [one.as_json() for one in self.fields],
            "consent": self.consent,
            "topics": list(self.topics),
            "wording": self.wording,
            "thanks": self.thanks,
            "redirects": list(self.redirects),
        }


@dataclass(slots=True)
class Answers:
    """What was sent, as far as the form asks for it."""

    email: str = ""
    fills: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def answers_of(form: Form, given: Mapping[str, str]) -> Answers:
    """Everything read at once, with every mistake at its field."""
    found = Answers()
    try:
        found.email = field_values.email(given.get("email", "").strip())
    except ValueRefused as refusal:
        found.problems.append(Problem("email", refusal.code, refusal.message))
    for one in form.fields:
        text = given.get(one.name, "").replace("\0", "").strip()
        if not text:
            if one.required:
                found.problems.append(Problem(one.name, "missing", "Please fill this in."))
            continue
        try:
            value = _read(one, text)
        except ValueRefused as refusal:
            found.problems.append(Problem(one.name, refusal.code, refusal.message))
            continue
        found.said[one.name] = value
        if one.fills:
            found.fills[one.fills.removeprefix("custom.")] = value
    return found


def _read(one: FormField, text: str) -> Any:
    longest = LONGEST_ANSWER.get(one.kind, _USUAL_LENGTH)
    if len(text) > longest:
        raise ValueRefused("too_long", f"Write at most {longest} characters.")
    match one.kind:
        case "email":
            return field_values.email(text)
        case "phone":
            return field_values.phone(text)
        case "date":
            return field_values.day(text).isoformat()
        case "number":
            number = field_values.decimal(text)
            return int(number) if number == number.to_integral_value() else float(number)
        case "tick":
            return text.lower() in _YES
        case "choice":
            if text not in one.choices:
                raise ValueRefused("not_a_choice", "Choose one of the list.")
            return text
    if one.fills in CONTACT_FIELDS:
        # refused here, where somebody can mend it, and not later
        CONTACT_FIELDS[one.fills](text)
    return text


def form_from(given: Any, custom: frozenset[str]) -> Form:
    """Read what a person wrote; `custom` are the keys of the contacts' own fields. Raises Refused
    with every mistake."""
    problems: list[Problem] = []
    if not isinstance(given, dict):
        problem = Problem("", "not_an_object", "write a JSON object")
        raise Refused("The form was not saved.", [problem])

    def text(name: str, most: int, *, needed: bool = False, usual: str = "") -> str:
        value = given.get(name) or usual
        clean = value.strip() if isinstance(value, str) else ""
        if (needed and not clean) or len(clean) > most or "\0" in clean:
            problems.append(Problem(f"/{name}", "bad_text", f"write 1 to {most} characters"))
        return clean

    event = text("event", 255, needed=True, usual=USUAL_EVENT)
    if not event.isprintable():
        problems.append(Problem("/event", "bad_name", "write a name on one line"))
    consent = given.get("consent", "confirm")
    if consent not in get_args(Consent):
        problems.append(Problem("/consent", "unknown", "choose confirm or none"))
    form = Form(
        text("title", 200, needed=True),
        event,
        _fields(given.get("fields"), custom, problems),
        cast(Consent, consent),
        _topics(given.get("topics"), problems),
        text("wording", 2_000, needed=consent == "confirm"),
        text("thanks", 2_000),
        _redirects(given.get("redirects"), problems),
    )
    if problems:
        raise Refused("The form was not saved.", problems)
    return form


def form_stored(stored: Any) -> Form:
    """What was checked when it was saved."""
    fields = tuple(
        FormField(**{**one, "choices": tuple(one["choices"])}) for one in stored["fields"]
    )
    return Form(
        stored["title"],
        stored["event"],
        fields,
        stored["consent"],
        tuple(stored["topics"]),
        stored["wording"],
        stored["thanks"],
        tuple(stored["redirects"]),
    )


def is_form_name(name: str) -> bool:
    return _SLUG.fullmatch(name) is not None


def _fields(given: Any, custom: frozenset[str], problems: list[Problem]) -> tuple[FormField, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_FIELDS:
        problems.append(Problem("/fields", "too_many", f"ask at most {MOST_FIELDS} things"))
        return ()
    found: list[FormField] = []
    for number, one in enumerate(given):
        place = f"/fields/{number}"
        if not isinstance(one, dict):
            problems.append(Problem(place, "not_an_object", "a field is a JSON object"))
            continue
        read = _field(one, place, custom, problems)
        if any(read.name == other.name for other in found):
            problems.append(Problem(f"{place}/name", "twice", "another field has this name"))
        if read.fills and any(read.fills == other.fills for other in found):
            problems.append(Problem(f"{place}/fills", "twice", "another field fills this"))
        found.append(read)
    return tuple(found)


def _field(
    one: Mapping[str, Any], place: str, custom: frozenset[str], problems: list[Problem]
) -> FormField:
    name, kind, fills = str(one.get("name") or ""), one.get("kind", "text"), one.get("fills") or ""
    label = str(one.get("label") or "").strip()
    if not _NAME.fullmatch(name) or name in _OWN:
        message = "small letters, digits and _, a letter first; email is asked for anyway"
        problems.append(Problem(f"{place}/name", "bad_name", message))
    if not 0 < len(label) <= 200 or "\0" in label:
        problems.append(Problem(f"{place}/label", "bad_text", "write 1 to 200 characters"))
    if kind not in KINDS:
        problems.append(Problem(f"{place}/kind", "unknown", f"choose one of {', '.join(KINDS)}"))
    if fills and fills not in FILLED and fills not in {f"custom.{key}" for key in custom}:
        message = f"choose one of {', '.join(FILLED)}, or a custom field"
        problems.append(Problem(f"{place}/fills", "unknown", message))
    choices = one.get("choices") or []
    words = choices if isinstance(choices, list) else []
    clean = tuple(
        dict.fromkeys(word.strip() for word in words if isinstance(word, str) and word.strip())
    )
    if kind == "choice" and not 0 < len(clean) <= 200:
        problems.append(Problem(f"{place}/choices", "missing", "list 1 to 200 choices"))
    if any(len(word) > 200 or "\0" in word for word in clean):
        problems.append(Problem(f"{place}/choices", "too_long", "keep a choice under 200"))
    return FormField(name, label, kind, one.get("required") is True, str(fills), clean)


def _topics(given: Any, problems: list[Problem]) -> tuple[str, ...]:
    words: Sequence[Any] = given if isinstance(given, list) else []
    topics = tuple(word for word in words if isinstance(word, str) and _TOPIC.fullmatch(word))
    if len(topics) != len(words) or len(topics) > 50:
        problems.append(Problem("/topics", "bad_name", "name topics by their short names"))
    return topics


def _redirects(given: Any, problems: list[Problem]) -> tuple[str, ...]:
    words: Sequence[Any] = given if isinstance(given, list) else []
    if len(words) > MOST_REDIRECTS:
        problems.append(Problem("/redirects", "too_many", f"list at most {MOST_REDIRECTS}"))
    for number, one in enumerate(words):
        if not isinstance(one, str) or not _is_page(one):
            message = "write the whole address of a page, such as https://example.com/thanks"
            problems.append(Problem(f"/redirects/{number}", "bad_address", message))
    return tuple(one for one in words if isinstance(one, str))


def _is_page(address: str) -> bool:
    """Nothing that could mean another place to somebody else: no odd characters, no credentials."""
    if len(address) > 1_000 or not re.fullmatch(r"[A-Za-z0-9:/?#@!$&'()*+=%._~-]+", address):
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    local = parts.hostname in ("localhost", "127.0.0.1")
    return (
        (parts.scheme == "https" or (parts.scheme == "http" and local))
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and (port is None or 0 < port < 65_536)
    )
