"""What a request is about, with what one needs to know before one decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from designer.approval_words import SUBJECTS
from designer.definition_words import address_of as definition_address
from designer.runtime import Designer
from designer.terms import STAGE_KINDS, term
from designer.visitor import Visitor
from designer.widgets import anchor, block, button_link, card, chip, facts, words
from engine.definitions import DefinitionKind
from engine.definitions.diff import Difference, differences
from engine.errors import NotFound
from engine.services.actor import may
from engine.services.approvals.publishing import PUBLISH, asked_definition
from engine.services.approvals.reading import Request
from engine.services.deals.reading import SeenDeal, show_deal
from engine.services.definitions.seeing import see_definition
from engine.services.work import Work

PLACES: Final[Mapping[str, str]] = {
    "deal": "/deals",
    "ticket": "/tickets",
    "contact": "/contacts",
}
_MOST_DIFFERENCES: Final = 40
_LONGEST_VALUE: Final = 160


async def subject_card(designer: Designer, visitor: Visitor, one: Request) -> None:
    """Nothing where the request says all there is."""
    if one.subject_kind == PUBLISH:
        await _publishing(designer, visitor, one)
    elif one.record is not None and one.record[0] == "deal":
        await _deal(designer, visitor, one.record[1])


async def _deal(designer: Designer, visitor: Visitor, number: int) -> None:
    if not may(visitor.somebody, "read", "deal"):
        return
    async with designer.transaction() as session:
        work = Work(session, designer.now(), designer.runtime.shared)
        try:
            seen = await show_deal(work, visitor.somebody, number)
        except NotFound:
            return
    _deal_facts(seen, visitor)


def _deal_facts(seen: SeenDeal, visitor: Visitor) -> None:
    t, formats, line = visitor.t, visitor.formats, seen.line
    stage = line.stage_label_zh if t.short == "zh" and line.stage_label_zh else line.stage_label
    amount = ""
    if line.amount_minor is not None and line.currency is not None:
        amount = formats.money(line.amount_minor, line.currency)
    day = line.expected_close_on
    with card(t("The deal"), (f"/deals/{line.id}", t("Open it"))) as place:
        place.mark("subject")
        with block("cz-row cz-pad inb-deal"):
            words(amount or line.name, "inb-amount")
            chip(stage, STAGE_KINDS.get(line.stage_kind, "plain"))
        own = [(_spoken(key), str(value)) for key, value in line.custom.items() if _plain(value)]
        facts(
            [
                (t("Deal"), line.name),
                (t("Account"), line.account or ""),
                (t("Contact"), line.contact or ""),
                (t("Owner"), line.owner or t("Nobody")),
                (t("Expected close"), formats.day(day) if day else ""),
                (t("Product"), line.product or ""),
                *own,
            ]
        )


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _spoken(key: str) -> str:
    return key.replace("_", " ").capitalize()


async def _publishing(designer: Designer, visitor: Visitor, one: Request) -> None:
    """A way to look at exactly what would be published, and what it would change."""
    t = visitor.t
    kind = str(one.facts.get("kind", "")).replace(" ", "_")
    name = str(one.facts.get("name", ""))
    if kind == "flow" and may(visitor.somebody, "read", "flow"):
        with card(t("What would be published")) as place, block("cz-row cz-pad"):
            place.mark("subject")
            button_link(f"/flows/{name}?view=draft", t("Read the draft"), "account_tree")
            button_link(f"/flows/{name}?view=versions", t("Compare the versions"), "difference")
    elif kind == "template" and may(visitor.somebody, "read", "template"):
        with card(t("What would be published")) as place, block("cz-row cz-pad"):
            place.mark("subject")
            button_link(f"/templates/{name}", t("Look at the letter"), "drafts")
    elif kind in set(DefinitionKind):
        await _definition(designer, visitor, one, DefinitionKind(kind), name)


async def _definition(
    designer: Designer, visitor: Visitor, one: Request, kind: DefinitionKind, name: str
) -> None:
    t, somebody = visitor.t, visitor.somebody
    if not may(somebody, "read", kind.value):
        return
    async with designer.transaction() as session:
        draft = await asked_definition(session, somebody, one.id)
        try:
            now: Mapping[str, Any] = (await see_definition(session, somebody, kind, name)).document
        except NotFound:
            now = {}
    if draft is None:
        return
    with card(t("What would be published")) as place:
        place.mark("subject")
        with block("cz-pad cz-stack cz-tight"):
            if now:
                _changes(differences(now, draft.document), visitor)
                anchor(definition_address(kind.value, name), t("What is in force now"), "cz-small")
            else:
                words(t("It is new."), "cz-soft")
                words(draft.source, "cz-code inb-source", tag="pre")


def _changes(found: Sequence[Difference], visitor: Visitor) -> None:
    t = visitor.t
    if not found:
        words(t("It says what is in force already."), "cz-soft")
    for one in found[:_MOST_DIFFERENCES]:
        with block("inb-change"):
            words(one.pointer, "cz-soft cz-small")
            if one.before is not None:
                words(_short(one.before), "inb-before", tag="del")
            if one.after is not None:
                words(_short(one.after), "inb-after", tag="ins")
    if len(found) > _MOST_DIFFERENCES:
        more = len(found) - _MOST_DIFFERENCES
        words(t.n("and {count} more", "and {count} more", more), "cz-soft cz-small")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def subject_link(one: Request, visitor: Visitor) -> None:
    """The way to the record it is about."""
    t = visitor.t
    if one.record is not None:
        kind, id_ = one.record
        told = f"{term(SUBJECTS, kind, t)} {id_}"
        if kind in PLACES:
            anchor(f"{PLACES[kind]}/{id_}", told, "cz-small").classes("cz-pad")
        else:
            words(told, "cz-soft cz-small cz-pad")
    elif one.contact_id is not None:
        link = anchor(f"/contacts/{one.contact_id}", t("The contact"), "cz-small")
        link.classes("cz-pad")
