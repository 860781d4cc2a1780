"""The editor of a pipeline: drawn, as text, checked as one goes, and put in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from designer.definition_words import STATES
from designer.ladders.room import Begun, LadderRoom
from designer.runtime import Designer
from designer.sales.pipeline_document import keys_in
from designer.sales.pipeline_drawing import PipelineDrawing
from designer.sales.pipeline_form import PipelineForm
from designer.sales.words import PIPELINES
from designer.terms import toned
from designer.visitor import Visitor
from designer.widgets import anchor, block, card, chip, facts, words
from engine.definitions import DefinitionKind, Draft, World
from engine.definitions.diff import Difference
from engine.services.definitions.seeing import DefinitionSeen

STYLES: Final = ("ladders.css", "rule_builder.css", "sales.css")
BLANK: Final = """pipeline: my_pipeline
label: My pipeline
stages:
  - {key: talk, label: Talking, label_zh: 洽谈, probability: 10}
  - {key: offer, label: Offer, label_zh: 报价, probability: 50}
  - {key: won, label: Won, label_zh: 赢单, kind: won}
  - {key: lost, label: Lost, label_zh: 丢单, kind: lost}
transitions:
  - {from: talk, to: offer}
  - {from: offer, to: won}
  - {from: [talk, offer], to: lost, needs: lost_reason}
"""
_MOST_DIFFERENCES: Final = 60


def draw_new(
    designer: Designer,
    visitor: Visitor,
    draft: Draft,
    source: str,
    world: World,
    *,
    as_text: bool = False,
) -> None:
    begun = Begun(DefinitionKind.PIPELINE, draft.name, draft, source, None, new=True)
    _room(designer, visitor, begun, world, (), may_publish=True, as_text=as_text)


def draw_pipeline(
    designer: Designer,
    visitor: Visitor,
    begun: Begun,
    world: World,
    seen: DefinitionSeen | None,
    *,
    may_publish: bool,
    as_text: bool = False,
) -> None:
    """`seen` is what is in force, None for one that is shipped and not published."""
    in_force = keys_in(seen.document) if seen is not None else ()
    _room(designer, visitor, begun, world, in_force, may_publish=may_publish, as_text=as_text)


def _room(
    designer: Designer,
    visitor: Visitor,
    begun: Begun,
    world: World,
    in_force: Sequence[str],
    *,
    may_publish: bool,
    as_text: bool,
) -> None:
    parts = PipelineDrawing(in_force), PipelineForm(in_force), None
    LadderRoom(
        designer,
        visitor,
        begun,
        world,
        may_publish=may_publish,
        as_text=as_text,
        parts=parts,
        address=lambda _kind, name: f"{PIPELINES}/{name}",
    )


def about_card(seen: DefinitionSeen | None, name: str, visitor: Visitor) -> None:
    t = visitor.t
    state, tone = toned(STATES, seen.state if seen else "ready", t)
    with card(t("About it")):
        with block("cz-pad cz-row"):
            chip(state, tone)
        version = str(seen.number) if seen else ""
        facts([(t("Short name"), name), (t("Version"), version)])


def versions_card(seen: DefinitionSeen, visitor: Visitor, shown: int) -> None:
    """Each leads to its text and to what it differs in from the one in force."""
    t, formats, here = visitor.t, visitor.formats, f"{PIPELINES}/{seen.name}"
    with card(t("Versions")) as place, block("cz-pad cz-stack cz-tight"):
        place.mark("versions")
        for one in seen.versions:
            with anchor(f"{here}?version={one.number}", classes="cz-find"):
                with block("cz-row"):
                    words(f"v{one.number}", "cz-strong")
                    words(formats.moment(one.published_at), "cz-soft cz-small")
                    words(one.published_by or "", "cz-soft cz-small")
                    if one.is_current:
                        chip(t("In force"), "good")
                    if one.number == shown and not one.is_current:
                        chip(t("Shown here"), "accent")
                words(one.note or "", "cz-soft cz-small")


def differences_card(found: Sequence[Difference], old: int, new: int, visitor: Visitor) -> None:
    t = visitor.t
    with card(t("From version {old} to {new}", old=old, new=new)), block("cz-pad"):
        if not found:
            words(t("They say the same."), "cz-soft", tag="p")
        with block("sl-diff", tag="dl"):
            for one in found[:_MOST_DIFFERENCES]:
                words(one.pointer.removeprefix("/").replace("/", " › "), tag="dt")
                with block(tag="dd"):
                    if one.before is not None:
                        words(_short(one.before), "sl-was", tag="del")
                    if one.after is not None:
                        words(_short(one.after), "sl-is", tag="ins")
        more = len(found) - _MOST_DIFFERENCES
        if more > 0:
            words(t("And {count} more.", count=more), "cz-soft cz-small", tag="p")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 300 else f"{text[:299]}…"
