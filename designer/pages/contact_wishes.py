"""The card of what a contact agreed to and chose, with ways to change it for those who may."""

from __future__ import annotations

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.runtime import Designer
from designer.terms import (
    CHANNELS,
    CONSENT_SOURCES,
    FREQUENCIES,
    LAWFUL_BASES,
    PURPOSES,
    term,
)
from designer.visitor import Visitor
from designer.widgets import block, card, chip, facts, words
from designer.wish_actions import WishActions
from engine.services.actor import may
from engine.services.preferences.wishes import Wishes

_EMAIL, _MARKETING = "email", "marketing"


def wishes_card(designer: Designer, visitor: Visitor, wishes: Wishes, email: str | None) -> None:
    t = visitor.t
    with card(t("Consent")):
        _consents(wishes, visitor)
        for request in wishes.requests:
            until = visitor.formats.moment(request.expires_at)
            words(
                t("Waits to be confirmed by mail, until {when}.", when=until),
                "cz-soft cz-pad",
                tag="p",
            )
        suppressed = dict(wishes.suppressed).get(_EMAIL)
        if email and may(visitor.somebody, "edit", "contact"):
            actions = WishActions(designer, visitor, wishes, email)
            with block("cz-row cz-pad"):
                actions.consent_buttons(_granted(wishes))
                actions.address_buttons(suppressed)
    with card(t("What they want to hear of")):
        _choices(wishes, visitor)
        if may(visitor.somebody, "edit", "contact"):
            with block("cz-row cz-pad"):
                WishActions(designer, visitor, wishes, email or "").choices_button()


def _granted(wishes: Wishes) -> bool | None:
    for one in wishes.consents:
        if (one.channel, one.purpose) == (_EMAIL, _MARKETING):
            return one.granted
    return None


def _consents(wishes: Wishes, visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    if not wishes.consents:
        words(t("Never asked: marketing messages are withheld."), "cz-soft cz-pad", tag="p")
        return
    rows = [
        Row(
            (
                Cell(
                    f"{term(CHANNELS, one.channel, t)} · {term(PURPOSES, one.purpose, t)}",
                    sub=f"{term(LAWFUL_BASES, one.lawful_basis, t)}"
                    f" · {term(CONSENT_SOURCES, one.source, t)}",
                ),
                Cell(t("Agreed"), tone="good") if one.granted else Cell(t("Refused"), tone="bad"),
                Cell(formats.date_of(one.recorded_at)),
            )
        )
        for one in wishes.consents
    ]
    DataTable(t("Consent"), [Column(t("For")), Column(t("Answer")), Column(t("Since"))], rows)


def _choices(wishes: Wishes, visitor: Visitor) -> None:
    t = visitor.t
    if wishes.topics:
        with block("cz-row cz-pad"):
            for topic in wishes.topics:
                on = wishes.hears_of(topic)
                label = topic.label_in(t.short)
                chip(label if on else t("not: {topic}", topic=label), "good" if on else "plain")
    measured = t("no, on their wish") if wishes.preference.unmeasured else t("yes")
    facts(
        [
            (t("How often at most"), term(FREQUENCIES, wishes.preference.frequency, t)),
            (t("Opens and clicks measured"), measured),
        ]
    )
