"""What fields, operators and lists are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from designer.case_words import URGENCIES
from designer.i18n import N_, Translator
from designer.terms import LEAD_STATUSES, LIFECYCLE_STAGES
from designer.tone import Tone
from designer.visitor import Visitor
from engine.services.views.grids import Condition, GridField, GridRecord

FIELD_NAMES: Final[Mapping[str, str]] = {
    "name": N_("Name"),
    "email": N_("E-mail"),
    "lifecycle_stage": N_("Stage"),
    "lead_status": N_("Lead status"),
    "owner_id": N_("Owner"),
    "account_id": N_("Account"),
    "contact_id": N_("Contact"),
    "tags": N_("Tags"),
    "country": N_("Country"),
    "city": N_("City"),
    "language": N_("Language"),
    "time_zone": N_("Time zone"),
    "score": N_("Score"),
    "source": N_("Source"),
    "phone": N_("Phone"),
    "job_title": N_("Job title"),
    "birthday": N_("Birthday"),
    "birthday_calendar": N_("Calendar of the birthday"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "last_seen_at": N_("Last seen"),
    "created_at": N_("Created"),
    "updated_at": N_("Changed"),
    "external_id": N_("External id"),
    "domain": N_("Domain"),
    "industry": N_("Industry"),
    "employee_count": N_("Employees"),
    "annual_revenue_minor": N_("Annual revenue"),
    "year_founded": N_("Founded"),
    "contacts": N_("Contacts"),
    "open_deals": N_("Open deals"),
    "subject": N_("Subject"),
    "id": N_("Number"),
    "status": N_("State"),
    "priority": N_("Priority"),
    "category": N_("Category"),
    "opened_at": N_("Came in"),
    "first_response_at": N_("First answer"),
    "solved_at": N_("Solved"),
    "closed_at": N_("Closed"),
    "satisfaction_score": N_("Satisfaction"),
    "reopened": N_("Opened again"),
}
TICKET_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "new": (N_("Not answered yet"), "accent"),
    "open": (N_("In work"), "accent"),
    "pending": (N_("Waits for the customer"), "warn"),
    "on_hold": (N_("On hold"), "plain"),
    "solved": (N_("Solved"), "good"),
    "closed": (N_("Closed"), "plain"),
}
OPERATOR_NAMES: Final[Mapping[str, str]] = {
    "any": N_("is one of"),
    "none": N_("is none of"),
    "contains": N_("contains"),
    "known": N_("is known"),
    "unknown": N_("is not known"),
    "between": N_("is between"),
    "last": N_("in the last days"),
    "before": N_("longer ago than days"),
}
_CHOICES: Final[Mapping[str, Mapping[str, tuple[str, Tone]]]] = {
    "lifecycle_stage": LIFECYCLE_STAGES,
    "lead_status": {code: (name, "plain") for code, name in LEAD_STATUSES.items()},
    "status": TICKET_STATES,
    "priority": URGENCIES,
}
LISTS: Final[Mapping[GridRecord, str]] = {
    "contact": N_("Contacts"),
    "account": N_("Accounts"),
    "ticket": N_("Tickets"),
}
ROOMS: Final[Mapping[GridRecord, str]] = {
    "contact": "/contacts",
    "account": "/accounts",
    "ticket": "/tickets",
}


def field_name(known: GridField, t: Translator) -> str:
    if known.label is not None:
        return known.label[1] if t.short == "zh" else known.label[0]
    return t(FIELD_NAMES[known.name])


def choice_words(field: str, code: str, t: Translator) -> tuple[str, Tone]:
    """The word for one of the values of a closed list, and its colour."""
    known = _CHOICES.get(field, {}).get(code)
    return (t(known[0]), known[1]) if known else (code, "plain")


def condition_words(
    one: Condition, known: GridField, people: Mapping[int, str], visitor: Visitor
) -> str:
    """A condition as a person would say it: "Stage: Lead, Customer"."""
    t, name = visitor.t, field_name(known, visitor.t)
    values = one.values
    match one.operator:
        case "any":
            return t("{field}: {values}", field=name, values=_listed(known, values, people, t))
        case "none":
            said = _listed(known, values, people, t)
            return t("{field} is not: {values}", field=name, values=said)
        case "contains":
            return t("{field} contains “{words}”", field=name, words=values[0])
        case "known":
            return t("{field} is known", field=name)
        case "unknown":
            return t("{field} is not known", field=name)
        case "last":
            return t("{field} in the last {days} days", field=name, days=values[0])
        case "before":
            return t("{field} more than {days} days ago", field=name, days=values[0])
        case "between":
            first, last = (_end(known, value, visitor) for value in values)
            if last is None:
                return t("{field} from {first}", field=name, first=first)
            if first is None:
                return t("{field} up to {last}", field=name, last=last)
            return t("{field} {first} to {last}", field=name, first=first, last=last)


def _listed(
    known: GridField, values: Sequence[Any], people: Mapping[int, str], t: Translator
) -> str:
    return ", ".join(_value(known, value, people, t) for value in values)


def _value(known: GridField, value: Any, people: Mapping[int, str], t: Translator) -> str:
    if known.kind == "person":
        return t("Nobody") if value is None else people.get(value, f"#{value}")
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if known.kind == "choice":
        return choice_words(known.name, value, t)[0]
    return str(value)


def _end(known: GridField, value: Any, visitor: Visitor) -> str | None:
    if value is None:
        return None
    if known.kind == "number":
        return visitor.formats.number(value)
    return visitor.formats.day(date.fromisoformat(value))
