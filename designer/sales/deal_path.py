"""The way of a deal through its stages, and the stages it may be moved to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from designer.sales.words import CLOCKS, in_language, problem_words
from designer.visitor import Visitor
from designer.widgets import block, chip, icon, words
from engine.services.deals.board import Card
from engine.services.deals.reading import PossibleMove, SeenDeal

# Key, label, Chinese label, kind.
Stage = tuple[str, str, str | None, str]


def stage_path(
    deal: SeenDeal,
    stages: Sequence[Stage],
    visitor: Visitor,
    move: Callable[[PossibleMove], Awaitable[None]],
) -> None:
    """Every stage in order; those that this person may move the deal to are buttons."""
    t = visitor.t
    moves = {one.stage.key: one for one in deal.moves}
    keys = [stage[0] for stage in stages]
    here = keys.index(deal.line.stage) if deal.line.stage in keys else -1
    with block("cz-card sl-way", tag="section") as place:
        place.props["aria-label"] = t("Stages")
        with block("sl-path", tag="ol"):
            for at, stage in enumerate(stages):
                _stage(at, here, stage, moves.get(stage[0]), deal, visitor, move)
        if not moves and deal.line.request_id is None:
            words(t("You may not move this deal from here."), "cz-soft cz-small sl-hint", tag="p")
        elif moves:
            words(t("Choose a stage to move the deal there."), "cz-soft cz-small sl-hint", tag="p")


def _stage(
    at: int,
    here: int,
    stage: Stage,
    possible: PossibleMove | None,
    deal: SeenDeal,
    visitor: Visitor,
    move: Callable[[PossibleMove], Awaitable[None]],
) -> None:
    t = visitor.t
    key, label, label_zh, kind = stage
    name = in_language(label, label_zh, t)
    state = "is-here" if at == here else "is-past" if at < here and kind == "open" else ""
    with block(f"sl-step is-{kind} {state}", tag="li") as step:
        if at == here:
            step.props["aria-current"] = "step"
            with block("sl-step__in"):
                words(name, "sl-step__name")
                words(_since(deal.line.stage_entered_at, visitor), "sl-step__sub")
            return
        if possible is None:
            with block("sl-step__in"):
                words(name, "sl-step__name")
            return
        with block("sl-step__in", tag="button") as button:
            button.props["type"] = "button"
            button.mark(f"to-{key}")
            button.on("click", lambda: move(possible), args=[])
            words(name, "sl-step__name")
            needs = [problem_words(one, t, from_pipeline=True) for one in possible.problems]
            if possible.approval:
                icon("how_to_reg", "15px")
                needs.append(t("It waits for an approval first."))
            elif needs:
                icon("edit_note", "16px")
            button.props["title"] = " ".join([t("Move to {stage}.", stage=name), *needs])
            button.props["aria-label"] = button.props["title"]


def _since(entered_at: datetime, visitor: Visitor) -> str:
    return visitor.t("since {when}", when=visitor.formats.date_of(entered_at))


def clock_chip(card: Card, visitor: Visitor) -> None:
    said, tone = CLOCKS[card.clock.state]
    if said:
        chip(visitor.t(said), tone)
