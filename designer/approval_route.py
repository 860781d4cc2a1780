"""The levels a request goes through, where it stands, and why it goes through these."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from designer.visitor import Visitor
from designer.widgets import block, icon, words
from engine.services.approvals.reading import Request


def route_of(one: Request, visitor: Visitor, base_currency: str) -> None:
    """Steps in a row, the present one marked, and one sentence."""
    t = visitor.t
    if len(one.route.steps) > 1:
        with block("inb-route", tag="ol") as place:
            place.props["aria-label"] = t("Levels")
            for index, step in enumerate(one.route.steps):
                over = index < one.route.at or one.status == "approved"
                here = index == one.route.at and one.ended_at is None
                classes = "inb-step" + (" is-over" if over else " is-here" if here else "")
                with block(classes, tag="li") as place:
                    if here:
                        place.props["aria-current"] = "step"
                    if over:
                        icon("check", "14px")
                    words(step.in_language(t.short))
    said = " ".join(filter(None, (_band(one, visitor, base_currency), _quorum(one, visitor))))
    if said:
        words(said, "cz-soft cz-small inb-why", tag="p")


def _band(one: Request, visitor: Visitor, base_currency: str) -> str:
    t, band = visitor.t, one.route.band
    if band is None:
        return ""
    code = one.route.currency if one.route.currency not in (None, "base") else base_currency
    begins = f"{_number(band[0], visitor)} {code}"
    if one.amount is None:
        return t("Its amount is not known, so the strictest levels are asked.")
    if band[1] is None:
        return t("These levels: amounts from {begins}.", begins=begins)
    ends = f"{_number(band[1], visitor)} {code}"
    return t("These levels: amounts from {begins} to below {ends}.", begins=begins, ends=ends)


def _number(text: str, visitor: Visitor) -> str:
    try:
        return visitor.formats.number(float(Decimal(text)))
    except InvalidOperation:
        return text


def _quorum(one: Request, visitor: Visitor) -> str:
    t, seats = visitor.t, len(one.voices)
    if one.ended_at is not None or seats < 2:
        return ""
    yes = sum(voice.vote == "approved" for voice in one.voices)
    match one.route.quorum:
        case "any":
            return t("One yes of {seats} is enough.", seats=seats)
        case "all":
            return t("All {seats} must agree; {yes} have.", seats=seats, yes=yes)
        case "n_of":
            needed = min(one.route.needed, seats)
            return t(
                "{needed} of {seats} must agree; {yes} have.", needed=needed, seats=seats, yes=yes
            )
    return t("Voices have weights; {yes} of {seats} have agreed.", seats=seats, yes=yes)
