"""What stands beside the life of a contact: scores and segments."""

from __future__ import annotations

from collections.abc import Sequence

from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, words
from engine.services.actor import may
from engine.services.scoring.looking import StoredScore
from engine.services.views.life import Membership


def scores_card(visitor: Visitor, score: int, scores: Sequence[StoredScore]) -> None:
    t, number = visitor.t, visitor.formats.number
    with card(t("Scores")), block("cz-facts", tag="dl"):
        words(t("Score"), tag="dt")
        words(number(score), "cz-number cz-strong", tag="dd")
        for one in scores:
            words(one.model, tag="dt")
            with block("cz-row", tag="dd"):
                words(number(one.total), "cz-number")
                if one.band:
                    chip(one.band, "accent")


def segments_card(visitor: Visitor, contact_id: int, found: Sequence[Membership]) -> None:
    t = visitor.t
    with card(t("Segments")), block("cz-pad cz-row"):
        if not found:
            words(t("Belongs to no segment."), "cz-soft")
        for one in found:
            label = one.label_zh if t.short == "zh" and one.label_zh else one.label
            with anchor(f"/segments/{one.name}", classes="cz-chip is-accent"):
                words(label)
        if may(visitor.somebody, "read", "run") and may(visitor.somebody, "read", "flow"):
            anchor(f"/contacts/{contact_id}/why", t("Why, or why not?"), "cz-small")
