"""A rule of the sending policy in words, as its row is filled in so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.i18n import N_, Translator

DAYS: Final = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
MEDIA: Final = {
    "email": N_("E-mail"),
    "sms": N_("Text message"),
    "chat": N_("Chat"),
    "webhook": N_("Webhook"),
}
PERIODS: Final = {"day": N_("a day"), "week": N_("a week"), "month": N_("a month")}
ABOUT: Final = {
    "marketing": N_("Marketing"),
    "service": N_("Service messages"),
    "any": N_("All messages"),
}


def rule_words(section: str, rule: Mapping[str, Any], t: Translator) -> str:
    """Empty while something of it is missing."""
    about = scope_words(section, rule, t)
    start, end = rule.get("from"), rule.get("until")
    match section:
        case "quiet_hours" if start and end:
            return t(
                "{about}: nothing goes from {start} until {end}.", about=about, start=start, end=end
            )
        case "sending_hours" if rule.get("calendar"):
            return t(
                "{about}: goes only when “{name}” is open.", about=about, name=rule["calendar"]
            )
        case "sending_hours" if start and end:
            given = rule.get("days")
            days = given if isinstance(given, list) else list(DAYS)
            named = ", ".join(t(DAYS[day]) for day in days if day in DAYS)
            return t(
                "{about}: goes only on {days} from {start} until {end}.",
                about=about,
                days=named,
                start=start,
                end=end,
            )
        case "holidays":
            of = rule.get("of", "contact")
            if of == "contact":
                return t("{about}: nothing goes on holidays where the person lives.", about=about)
            return t("{about}: nothing goes on holidays of {country}.", about=about, country=of)
        case "caps" if rule.get("most") and rule.get("per") in PERIODS:
            per = t(PERIODS[rule["per"]])
            return t(
                "{about}: at most {most} {per} to one person.",
                about=about,
                most=rule["most"],
                per=per,
            )
        case "priorities" if rule.get("priority"):
            return t("{about}: worth {priority} of 9.", about=about, priority=rule["priority"])
        case "digests" if rule.get("topic"):
            return _digest(rule, t)
    return ""


def scope_words(section: str, rule: Mapping[str, Any], t: Translator) -> str:
    """Which messages a rule is about: without a purpose it is marketing, or of priorities all."""
    usual = "any" if section == "priorities" else "marketing"
    purposes = _list(rule.get("purpose", usual))
    said = " + ".join(t(ABOUT[one]) if one in ABOUT else one for one in purposes)
    media = [one for one in _list(rule.get("medium")) if one != "any"]
    if media:
        said += " · " + ", ".join(t(MEDIA[one]) if one in MEDIA else one for one in media)
    topics = [one for one in _list(rule.get("topic")) if one != "any"]
    if topics and section != "digests":
        said += " · " + ", ".join(topics)
    return said


def _digest(rule: Mapping[str, Any], t: Translator) -> str:
    at, topic = rule.get("at", "08:00"), rule["topic"]
    if rule.get("every", "daily") == "daily":
        return t("Messages about “{topic}” go together, each day at {at}.", topic=topic, at=at)
    day = rule.get("on", "mon")
    named = t(DAYS[day]) if day in DAYS else str(day)
    return t(
        "Messages about “{topic}” go together, on {day} at {at}.", topic=topic, day=named, at=at
    )


def _list(given: Any) -> list[str]:
    if given is None:
        return []
    return [str(one) for one in given] if isinstance(given, list) else [str(given)]
