"""The clocks of the stage that a deal stands on: what was told, and what comes when."""

from __future__ import annotations

from datetime import datetime, timedelta

from designer.ladders.span_words import span_words
from designer.sales.deal_path import clock_chip
from designer.visitor import Visitor
from designer.widgets import block, card, icon, words
from engine.services.deals.board import Card


def clock_card(deal: Card, visitor: Visitor, now: datetime) -> None:
    t, formats, clock = visitor.t, visitor.formats, deal.clock
    with card() as place:
        place.mark("deal-clock")
        with block("cz-card__head"):
            words(t("Clock of the stage"), "cz-h2", tag="h2")
            clock_chip(deal, visitor)
        with block("cz-pad cz-stack cz-tight"):
            here = formats.span(max(now - deal.entered_at, timedelta(minutes=1)))
            words(t("On this stage for {span}.", span=here), tag="p")
            if clock.state == "none":
                words(t("The pipeline sets no times for this stage."), "cz-soft", tag="p")
            if clock.state == "waiting":
                words(t("It rests while a move waits for its approval."), "cz-soft", tag="p")
            for one in clock.alerts:
                with block("sl-alert is-over" if one.is_over else "sl-alert"):
                    icon("notifications_active" if one.is_over else "notifications", "17px")
                    span = span_words(one.after, t, working=True)
                    words(t("After {span}", span=span), "cz-grow")
                    if one.due_at is not None:
                        said = formats.ago(one.due_at, now)
                        words(said, "cz-small cz-soft").props["title"] = formats.moment(one.due_at)
            if clock.rots_at is not None:
                over = clock.rots_at <= now
                with block("sl-alert is-over" if over else "sl-alert"):
                    icon("hourglass_disabled" if over else "hourglass_empty", "17px")
                    words(t("Without any activity it rots"), "cz-grow")
                    words(formats.ago(clock.rots_at, now), "cz-small cz-soft")
